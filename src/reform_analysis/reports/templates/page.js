const all = document.getElementById("all-code");
const cells = document.querySelectorAll("details.code");
all.hidden = cells.length === 0;
all.addEventListener("click", () => {
  const open = all.getAttribute("aria-pressed") === "false";
  all.setAttribute("aria-pressed", open);
  for (const cell of cells) cell.open = open;
});
