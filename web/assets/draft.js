// Keeps what is typed into a form on this device until it was sent, and sends it once the network is back.
// Without this script the form works all the same.
(function () {
  "use strict";
  var PREFIX = "hatchery-draft:";

  function stored(key) {
    try { return JSON.parse(localStorage.getItem(PREFIX + key)); } catch (e) { return null; }
  }
  function store(key, value) {
    try { localStorage.setItem(PREFIX + key, JSON.stringify(value)); return true; } catch (e) { return false; }
  }
  function forget(key) {
    try { localStorage.removeItem(PREFIX + key); } catch (e) { /* nothing was kept */ }
  }

  // Whoever signs out leaves no draft behind.
  if (document.querySelector("[data-drafts-forgotten]")) {
    Object.keys(localStorage).filter(function (key) { return key.startsWith(PREFIX); }).forEach(function (key) {
      forget(key.slice(PREFIX.length));
    });
  }

  // The page after a form was taken says which draft is no longer needed.
  document.querySelectorAll("[data-draft-done]").forEach(function (done) {
    forget(done.getAttribute("data-draft-done"));
  });

  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var key = form.getAttribute("data-draft");
    var said = form.querySelector(".draft");
    var button = form.querySelector("button.main");
    var sent = false;

    function say(what) {
      said.textContent = form.getAttribute("data-" + what);
      said.hidden = false;
    }
    function fields() {
      return Array.prototype.filter.call(form.elements, function (field) {
        return field.name && !field.name.startsWith("_") && field.type !== "file" && field.type !== "password";
      });
    }
    function keep() {
      var values = {};
      fields().forEach(function (field) {
        if (field.type !== "radio") { values[field.name] = field.value; }
        else if (field.checked) { values[field.name] = field.value; }
      });
      // The address carries the submission id: sent again, it is the same record.
      if (store(key, { action: form.getAttribute("action"), values: values })) { say("kept"); }
    }
    function restore() {
      var draft = stored(key);
      // What the server gave back is newer than any draft.
      if (!draft || document.querySelector(".summary") || form.hasAttribute("data-restored")) { return; }
      form.setAttribute("action", draft.action);
      fields().forEach(function (field) {
        var value = draft.values[field.name];
        if (value === undefined) { return; }
        if (field.type === "radio") { field.checked = field.value === value; }
        else { field.value = value; }
      });
      say("kept");
    }
    function release() {
      sent = false;
      button.disabled = false;
    }

    restore();
    form.addEventListener("input", keep);
    form.addEventListener("submit", function (event) {
      keep();
      if (sent) { event.preventDefault(); return; }
      if (!navigator.onLine) {
        event.preventDefault();
        say("offline");
        window.addEventListener("online", function () { form.requestSubmit(); }, { once: true });
        return;
      }
      sent = true;
      say("sending");
      button.disabled = true;
    });
    // Shown again from the browser's memory, or stopped on the way: it may be sent again.
    window.addEventListener("pageshow", release);
    window.addEventListener("offline", release);
  });
})();
