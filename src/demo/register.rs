//! The register of the story: districts with a station each, recommenders of every kind, experts of every kind.

use anyhow::Context as _;
use domain::Command;
use domain::ids::{DistrictId, PersonId};
use domain::register::{AddEntry, ChangeEntry, Details, EntryChange, EntryId, RegisterCommand};
use store::persons::Person;

use super::script::{Script, id};

/// A district: its id, its name, and the region in numbers registered there.
type District = (&'static str, &'static str, &'static str);

/// The nine of Wuhu.
pub(super) static DISTRICTS: [District; 9] = [
    ("jinghu", "镜湖区", "340202"),
    ("yijiang", "弋江区", "340209"),
    ("jiujiang", "鸠江区", "340207"),
    ("wanzhi", "湾沚区", "340210"),
    ("fanchang", "繁昌区", "340212"),
    ("wuwei", "无为市", "340281"),
    ("nanling", "南陵县", "340223"),
    ("jingkai", "芜湖经济技术开发区", "340271"),
    ("sanshan", "三山经济开发区", "340272"),
];

/// The one of Hangzhou.
pub(super) static XIHU: District = ("xihu", "西湖区", "330106");

/// Recommenders that are no committee of a district: id, name, kind.
const RECOMMENDERS: [(&str, &str, &str); 9] = [
    ("office-quality", "市创奖办成员单位（质量）", "office_member"),
    ("office-industry", "市创奖办成员单位（工业和信息化）", "office_member"),
    ("office-health", "市创奖办成员单位（卫生健康）", "office_member"),
    ("office-education", "市创奖办成员单位（教育）", "office_member"),
    ("association-equipment", "芜湖示例装备制造业协会", "industry_association"),
    ("association-food", "芜湖示例食品工业协会", "industry_association"),
    ("association-appliances", "芜湖示例家用电器协会", "industry_association"),
    ("association-services", "芜湖示例现代服务业协会", "industry_association"),
    ("chamber-holding", "芜湖示例控股集团", "other"),
];

/// Experts: id, name, kind, field.
const EXPERTS: [(&str, &str, &str, &str); 5] = [
    ("expert-1", "专家甲", "city_expert_pool", "卓越绩效评价准则"),
    ("expert-2", "专家乙", "winner_quality_officer", "汽车及零部件质量管理"),
    ("expert-3", "专家丙", "individual_winner", "现场改进与QC小组"),
    ("expert-4", "专家丁", "city_expert_pool", "服务业与医疗质量"),
    ("expert-5", "专家戊", "winner_quality_officer", "质量管理模式提炼"),
];

/// The region of a district in numbers registered there.
pub(super) fn region(district: &str) -> anyhow::Result<&'static str> {
    Ok(known(district)?.2)
}

/// The name of a district.
pub(super) fn name(district: &str) -> anyhow::Result<&'static str> {
    Ok(known(district)?.1)
}

fn known(district: &str) -> anyhow::Result<&'static District> {
    let mut known = DISTRICTS.iter().chain([&XIHU]);
    known.find(|(id, ..)| *id == district).with_context(|| format!("there is no district {district}"))
}

/// Enters everybody, some months before the first cycle begins.
pub(super) async fn set_up(script: &mut Script<'_>) -> anyhow::Result<()> {
    script.on(script.calendar.of_first(-110))?;
    for district in &DISTRICTS {
        add_district(script, district).await?;
        let (district, name, _) = district;
        let details = Details::Station {
            name: format!("{name}质量基础设施“一站式”服务站"), district: id(district)?
        };
        add(script, EntryId::Station(id(&format!("{district}-1"))?), details).await?;
        let kind = "district_committee";
        add_recommender(
            script,
            &format!("committee-{district}"),
            &format!("{name}质量发展委员会"),
            kind,
            Some(district),
        )
        .await?;
    }
    for (recommender, name, kind) in RECOMMENDERS {
        add_recommender(script, recommender, name, kind, None).await?;
    }
    for (number, expert) in (9001..).zip(EXPERTS) {
        add_expert(script, number, expert).await?;
    }
    rename_a_station(script).await
}

/// Registers a district of the present program.
pub(super) async fn add_district(script: &mut Script<'_>, (district, name, _): &District) -> anyhow::Result<()> {
    add(script, EntryId::District(id(district)?), Details::District { name: (*name).to_owned() }).await
}

async fn add_recommender(
    script: &mut Script<'_>,
    recommender: &str,
    name: &str,
    kind: &str,
    district: Option<&str>,
) -> anyhow::Result<()> {
    let details = Details::Recommender {
        name: name.to_owned(),
        recommender_kind: id(kind)?,
        district: district.map(id::<DistrictId>).transpose()?,
    };
    add(script, EntryId::Recommender(id(recommender)?), details).await
}

async fn add_expert(
    script: &mut Script<'_>,
    number: u32,
    (expert, name, kind, field): (&str, &str, &str, &str),
) -> anyhow::Result<()> {
    let person = script.person(name.to_owned(), number)?;
    let details = expert_details(person.person_id, kind, field)?;
    add_naming(script, EntryId::Expert(id(expert)?), details, vec![person]).await
}

fn expert_details(person: PersonId, kind: &str, field: &str) -> anyhow::Result<Details> {
    Ok(Details::Expert { person, expert_kind: id(kind)?, field: Some(field.to_owned()) })
}

async fn add(script: &mut Script<'_>, entry: EntryId, details: Details) -> anyhow::Result<()> {
    add_naming(script, entry, details, Vec::new()).await
}

async fn add_naming(
    script: &mut Script<'_>,
    entry: EntryId,
    details: Details,
    persons: Vec<Person>,
) -> anyhow::Result<()> {
    let step = format!("register {}", entry.as_str());
    let (rulebook, common) = (script.rulebook.clone(), script.fact());
    let command = RegisterCommand::Add(AddEntry { rulebook, entry, details, common });
    script.run_naming(&step, &script.office()?, Command::Register(command), persons).await?;
    Ok(())
}

/// A station gets another name: files of earlier cycles show it under its present one.
async fn rename_a_station(script: &mut Script<'_>) -> anyhow::Result<()> {
    script.on(script.calendar.of_first(-100))?;
    let command = RegisterCommand::Change(ChangeEntry {
        rulebook: script.rulebook.clone(),
        entry: EntryId::Station(id("jingkai-1")?),
        change: EntryChange::Rename { name: "芜湖经开区质量基础设施“一站式”服务站".to_owned() },
        common: script.fact(),
    });
    script.run("rename a station", &script.office()?, Command::Register(command)).await?;
    Ok(())
}
