// The filter above the reports: it hides rows and says how many are left. Without script every row is there to be read.
(() => {
  "use strict";
  const form = document.getElementById("filter");
  const { unit, year, state } = form.elements;
  const told = form.querySelector("output");
  const reports = [...document.querySelectorAll("#reports tbody tr")];
  const lines = [...document.querySelectorAll("#lines tbody tr")];

  function named(row) {
    const words = unit.value.trim().toLowerCase();
    return !words || row.textContent.toLowerCase().includes(words) || row.dataset.unit.toLowerCase().includes(words);
  }

  function filter() {
    let left = 0;
    const units = new Set();
    for (const row of reports) {
      const { dataset } = row;
      const shown = named(row) && (!year.value || dataset.year === year.value) && (!state.value || dataset.states.split(" ").includes(state.value));
      row.hidden = !shown;
      if (shown) {
        left += 1;
        units.add(dataset.unit);
      }
    }
    for (const row of lines) row.hidden = !units.has(row.dataset.unit);
    told.textContent = `显示${left}份，共${reports.length}份`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
