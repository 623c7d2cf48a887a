# Copyright (c) 2026 The verizon.fota contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JavaScript of report.html: search, filter, sort, page and print the list of devices, and copy IMEIs.

The document contains only the rows of one page. Texts are inserted as text, never as markup.

Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
Do not use this from other collections or standalone plugins/modules!
"""

from __future__ import annotations

SCRIPT = """
(function () {
  "use strict";
  var PAGE = 100, PRINTED = 250, SHORT = 300;
  var byId = function (id) { return document.getElementById(id); };
  // kinds: [outcome, reason, group] for each distinct pair; rows: [IMEI, kind, name]
  var data = JSON.parse(byId("data").textContent);
  var rows = data.rows, kinds = data.kinds, hits = rows, page = 0, sorted = null, descending = false;
  var search = byId("search"), outcome = byId("outcome"), reason = byId("reason"), body = byId("body");
  var folded = kinds.map(function (kind) { return kind[1].toLowerCase(); });

  function number(value) { return value.toLocaleString("en-US"); }

  function devices(count) { return number(count) + (count === 1 ? " device" : " devices"); }

  // Explicit, because the style makes these elements blocks on a narrow screen.
  var ROLES = {tr: "row", th: "rowheader", td: "cell"};

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (ROLES[tag]) { made.setAttribute("role", ROLES[tag]); }
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  function swatch(name) {
    var space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg");
    svg.setAttribute("aria-hidden", "true");
    [name, "over-" + name].forEach(function (part, over) {
      var rect = document.createElementNS(space, "rect");
      rect.setAttribute("width", "100%");
      rect.setAttribute("height", "100%");
      if (over) { rect.setAttribute("fill", "url(#" + part + ")"); } else { rect.setAttribute("class", part); }
      svg.appendChild(rect);
    });
    return svg;
  }

  function reasonCell(text) {
    var cell = element("td", "reason"), shown = element("bdi", "verbatim", text);
    cell.appendChild(shown);
    if (text.length > SHORT + 50) {
      var button = element("button", "link", "Show all");
      button.type = "button";
      button.setAttribute("aria-expanded", "false");
      var brief = text.slice(0, SHORT) + "\\u2026";
      shown.textContent = brief;
      button.addEventListener("click", function () {
        var open = button.getAttribute("aria-expanded") === "false";
        button.setAttribute("aria-expanded", String(open));
        button.textContent = open ? "Show less" : "Show all";
        shown.textContent = open ? text : brief;
      });
      cell.appendChild(element("span", "paper", "(shortened)"));
      cell.appendChild(document.createElement("br"));
      cell.appendChild(button);
    }
    return cell;
  }

  function rowOf(row) {
    var kind = kinds[row[1]], name = data.outcomes[kind[0]], line = element("tr");
    var device = element("th", "imei", row[0]), result = element("td", "result"), label = element("span", "outcome " + name);
    device.scope = "row";
    line.appendChild(device);
    if (data.names) {
      var named = element("td", "name");
      named.appendChild(element("bdi", "", row[2] || ""));
      line.appendChild(named);
    }
    label.appendChild(swatch(name));
    label.appendChild(element("span", "", data.labels[kind[0]]));
    result.appendChild(label);
    line.append(result, reasonCell(kind[1]));
    return line;
  }

  function show(from, count) {
    var part = document.createDocumentFragment();
    hits.slice(from, from + count).forEach(function (row) { part.appendChild(rowOf(row)); });
    body.replaceChildren(part);
    byId("rows").hidden = !hits.length;
    var till = Math.min(from + count, hits.length);
    var found = hits.length === rows.length ? devices(rows.length) : number(hits.length) + " of " + devices(rows.length)
      + (hits.length === 1 ? " matches" : " match");
    byId("hits").textContent = hits.length ? found + ". Rows " + number(from + 1) + " to " + number(till) + " are shown."
      : "No device matches. Change the search or the filters.";
    var kept = till - from, left = data.total - kept;
    byId("printed").textContent = left === 0 ? "All " + devices(kept) + " are printed."
      : "This printout lists " + number(kept) + " of " + devices(data.total)
        + (hits.length === rows.length ? "" : ", all of which match the search and the filters") + ". The other " + number(left)
        + " are left out" + (data.all ? "; " + data.all + " contains all." : ".");
  }

  function render() {
    var last = Math.max(0, Math.ceil(hits.length / PAGE) - 1);
    page = Math.min(Math.max(page, 0), last);
    show(page * PAGE, PAGE);
    byId("pages").hidden = last === 0;
    byId("page").textContent = "Page " + number(page + 1) + " of " + number(last + 1);
    [["first", page === 0], ["previous", page === 0], ["next", page === last], ["last", page === last]].forEach(function (pair) {
      byId(pair[0]).setAttribute("aria-disabled", String(pair[1]));
    });
  }

  function filter() {
    var query = search.value.trim().toLowerCase(), selected = outcome.value, group = reason.value;
    var fits = kinds.map(function (kind) {
      var name = data.outcomes[kind[0]];
      return (selected === "" || selected === name || (selected === "problems" && data.problems.indexOf(name) >= 0))
        && (group === "" || String(kind[2]) === group);
    });
    var matches = folded.map(function (text) { return text.indexOf(query) >= 0; });
    var all = query === "" && selected === "" && group === "";
    hits = all ? rows : rows.filter(function (row) {
      return fits[row[1]] && (query === "" || matches[row[1]] || row[0].indexOf(query) >= 0
        || (row[2] !== undefined && row[2].toLowerCase().indexOf(query) >= 0));
    });
    if (sorted) { hits = inOrder(hits); }
    page = 0;
    render();
  }

  // Problems first, then the other outcomes.
  var ranks = data.outcomes.map(function (name, place) {
    var problem = data.problems.indexOf(name);
    return problem >= 0 ? problem : data.problems.length + place;
  });
  var keys = {
    imei: function (row) { return row[0]; },
    name: function (row) { return row[2] ? row[2].toLowerCase() : "\\uffff"; },
    outcome: function (row) { return ranks[kinds[row[1]][0]]; },
    reason: function (row) { return folded[row[1]] || "\\uffff"; }
  };

  function inOrder(some) {
    var sign = descending ? -1 : 1, key = keys[sorted];
    return some.map(function (row) { return [key(row), row]; }).sort(function (one, other) {
      return one[0] < other[0] ? -sign : one[0] > other[0] ? sign : 0;
    }).map(function (pair) { return pair[1]; });
  }

  // Ascending, descending, and back to the order of the page.
  function sort(event) {
    var name = event.currentTarget.getAttribute("data-sort");
    if (sorted !== name) { sorted = name; descending = false; } else if (!descending) { descending = true; } else { sorted = null; }
    document.querySelectorAll("button[data-sort]").forEach(function (button) {
      var mine = button.getAttribute("data-sort") === sorted;
      button.parentNode.setAttribute("aria-sort", mine ? (descending ? "descending" : "ascending") : "none");
    });
    filter();
  }

  // Without the clipboard API, as on a page that came by plain HTTP, a selected text can be copied.
  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) { return navigator.clipboard.writeText(text); }
    var field = element("textarea", "unseen");
    field.value = text;
    document.body.appendChild(field);
    field.select();
    var done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("not copied"));
  }

  function copyImeis(event) {
    var button = event.currentTarget, group = Number(button.getAttribute("data-copy"));
    var count = Number(button.getAttribute("data-count")), item = button.closest("li"), message = item.querySelector(".copied");
    var imeis = rows.filter(function (row) { return kinds[row[1]][2] === group; }).map(function (row) { return row[0]; });
    copy(imeis.join("\\n") + "\\n").then(function () {
      message.textContent = imeis.length === count ? number(count) + (count === 1 ? " IMEI copied." : " IMEIs copied.")
        : number(imeis.length) + " of " + number(count) + " IMEIs copied" + (data.all ? "; " + data.all + " contains all." : ".");
    }, function () {
      item.querySelector("details").open = true;
      message.textContent = "The browser does not allow copying. Select the IMEIs below.";
    });
  }

  function turn(to) {
    return function (event) {
      if (event.currentTarget.getAttribute("aria-disabled") === "true") { return; }
      page = to();
      render();
    };
  }

  search.addEventListener("input", filter);
  outcome.addEventListener("change", filter);
  reason.addEventListener("change", filter);
  byId("filters").addEventListener("submit", function (event) { event.preventDefault(); });
  byId("filters").addEventListener("reset", function () { setTimeout(filter, 0); });
  byId("first").addEventListener("click", turn(function () { return 0; }));
  byId("previous").addEventListener("click", turn(function () { return page - 1; }));
  byId("next").addEventListener("click", turn(function () { return page + 1; }));
  byId("last").addEventListener("click", turn(function () { return Infinity; }));
  document.querySelectorAll("button[data-group]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      byId("filters").reset();
      reason.value = button.getAttribute("data-group");
      filter();
      byId("devices").scrollIntoView();
      byId("devices-head").focus({preventScroll: true});
    });
  });
  document.querySelectorAll("button[data-sort]").forEach(function (button) { button.addEventListener("click", sort); });
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", copyImeis);
  });
  // Paper has no pages to turn and nothing to open.
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (one) { one.open = true; });
    show(0, PRINTED);
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (one) { one.open = false; });
    render();
  });
  byId("table").hidden = false;
  // After a reload, a browser may fill in what was typed before.
  filter();
}());
"""
