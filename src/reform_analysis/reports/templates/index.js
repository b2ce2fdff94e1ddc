"use strict";
const form = document.getElementById("find");
const words = document.getElementById("words");
const choices = [...form.querySelectorAll("select")];
const found = document.getElementById("found");
const rows = [...document.querySelectorAll(".reports > li")].map((item) => ({ item, ...item.dataset }));

// what reports/site.py does to the reports' words: no marks, no capitals, words apart
function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").match(/[\p{L}\p{N}]+/gu) ?? [];
}

function show() {
  const asked = fold(words.value).map((word) => " " + word);
  const chosen = choices.filter((choice) => choice.value);
  let count = 0;
  for (const row of rows) {
    const fits = chosen.every((choice) => row[choice.id] === choice.value) && asked.every((word) => row.key.includes(word));
    if (row.item.hidden === fits) row.item.hidden = !fits;
    count += fits;
  }
  found.textContent = `${count} of ${rows.length} reports`;
}

form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
// the fields are empty only after this event
form.addEventListener("reset", () => setTimeout(show));
// a browser that comes back to the page fills the fields in again
addEventListener("pageshow", show);
