// Lines of a table, each a list of cells; a line of one cell is what stands above it. The last row is the answer, so
// whatever is above it names its columns.
function laidOut(lines) {
  const table = document.createElement("table");
  const rows = lines.filter((cells) => cells.length > 1);
  for (const cells of rows) {
    const row = table.insertRow();
    for (const cell of cells) {
      const place = document.createElement(cells === rows.at(-1) ? "td" : "th");
      place.textContent = cell;
      if (place.tagName === "TH") place.scope = "col";
      row.append(place);
    }
  }
  const above = lines.filter((cells) => cells.length === 1).map(([text]) => {
    const line = document.createElement("span");
    line.className = "above";
    line.textContent = text;
    return line;
  });
  return [...above, table];
}
