use super::*;

#[derive(Debug, Clone, Deserialize, IntoParams)]
struct ByClass {
    #[serde(default)]
    class: Vec<String>,
}

impl Filter for ByClass {
    const SORTS: &'static [&'static str] = &["name", "uscc"];
}

fn list(path: &str, query: &str) -> Result<List<ByClass>, Problem> {
    List::read(path, &Given::parse(query)?)
}

fn code(path: &str, query: &str) -> Code {
    list(path, query).unwrap_err().code()
}

const AT: Read = Read { position: 9, total: None };

#[test]
fn a_list_has_its_defaults() {
    let list = list("/a", "").unwrap();
    assert_eq!((list.limit, list.count), (50, Count::Page));
    assert_eq!(list.sort, Sort { field: "name", direction: Direction::Ascending });
    assert_eq!(list.after::<String>().unwrap(), None);
}

#[test]
fn the_limit_runs_from_1_to_200() {
    assert_eq!(list("/a", "limit=1").unwrap().limit, 1);
    assert_eq!(list("/a", "limit=200").unwrap().limit, 200);
    for query in ["limit=0", "limit=201", "limit=ten", "limit=", "limit=%2B5"] {
        assert_eq!(code("/a", query), Code::InvalidParameter, "{query}");
    }
}

#[test]
fn only_the_orders_offered_are_taken() {
    let sort = list("/a", "sort=-uscc").unwrap().sort;
    assert_eq!(sort, Sort { field: "uscc", direction: Direction::Descending });
    for query in ["sort=age", "sort=--uscc", "sort=", "sort=name&sort=uscc", "count=maybe"] {
        assert_eq!(code("/a", query), Code::InvalidParameter, "{query}");
    }
}

#[test]
fn a_cursor_leads_behind_the_last_row_of_a_full_page_and_the_last_page_has_none() {
    let first = list("/a", "limit=2&class=C").unwrap();
    assert_eq!(first.fetch(), 3);
    let page = first.page(vec![1, 2, 3], |n| *n, AT);
    assert_eq!((page.items, page.position), (vec![1, 2], 9));
    let cursor = page.next_cursor.unwrap();
    let second = list("/a", &format!("limit=5&class=C&cursor={cursor}")).unwrap();
    assert_eq!(second.filter.class, ["C"]);
    assert_eq!(second.after::<i32>().unwrap(), Some(2));
    assert_eq!(second.page(vec![3, 4], |n| *n, AT).next_cursor, None);
}

#[test]
fn a_cursor_belongs_to_one_list_with_one_set_of_filters_in_one_order() {
    let cursor = list("/a", "limit=1&class=C").unwrap().page(vec![1, 2], |n| *n, AT).next_cursor.unwrap();
    assert_eq!(code("/b", &format!("class=C&cursor={cursor}")), Code::CursorMismatch);
    assert_eq!(code("/a", &format!("class=D&cursor={cursor}")), Code::CursorMismatch);
    assert_eq!(code("/a", &format!("cursor={cursor}")), Code::CursorMismatch);
    assert_eq!(code("/a", &format!("class=C&sort=-name&cursor={cursor}")), Code::CursorMismatch);
    assert!(list("/a", &format!("class=C&limit=7&count=true&cursor={cursor}")).is_ok());
}

#[test]
fn other_texts_are_no_cursors() {
    for text in ["", "abc", "%20", "e30", &"A".repeat(5000)] {
        assert_eq!(code("/a", &format!("cursor={text}")), Code::InvalidCursor, "{text}");
    }
    let cursor = list("/a", "limit=1").unwrap().page(vec![1, 2], |n| *n, AT).next_cursor.unwrap();
    let other_key = list("/a", &format!("cursor={cursor}")).unwrap().after::<String>();
    assert_eq!(other_key.unwrap_err().code(), Code::InvalidCursor);
}

#[test]
fn filters_and_orders_are_documented() {
    let parameters = List::<ByClass>::into_params(|| None);
    let names: Vec<_> = parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["class", "limit", "cursor", "sort", "count"]);
    let sort = serde_json::to_value(&parameters[3]).unwrap();
    assert_eq!(sort["schema"]["enum"], serde_json::json!(["name", "-name", "uscc", "-uscc"]));
}
