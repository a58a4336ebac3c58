// The statements of an analysis, with marks that open their sources. Everything is written into the page as text nodes,
// so nothing in it can become markup.
export default function (component) {
  const { data } = component;
  const root = toDrawIn(component, "section");
  if (!root) return;
  const marks = (statement, holder) => {
    const text = document.createElement("span");
    if (statement.rows.length) text.append(statement.before, ...laidOut(statement.rows));
    else text.textContent = statement.text;
    holder.append(text, ...sourceMarks(root, statement.citations, data.sources, text));
  };
  if (data.columns.length) {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const title of ["", ...data.columns]) {
      const cell = document.createElement("th");
      cell.textContent = title;
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    for (const part of data.parts) {
      const row = body.insertRow();
      const topic = document.createElement("th");
      topic.textContent = part.heading;
      topic.scope = "row";
      row.append(topic);
      for (const column of data.columns) {
        const cell = row.insertCell();
        const inside = part.statements.filter((statement) => statement.label === column);
        if (!inside.length) cell.textContent = "–";
        for (const statement of inside) {
          const line = document.createElement("p");
          marks(statement, line);
          cell.append(line);
        }
      }
    }
    const frame = document.createElement("div");
    frame.className = "frame";
    frame.append(table);
    root.append(frame);
    return;
  }
  for (const part of data.parts) {
    if (part.heading) {
      const heading = document.createElement("h2");
      heading.textContent = part.heading;
      root.append(heading);
    }
    const list = document.createElement("ul");
    for (const statement of part.statements) {
      const item = document.createElement("li");
      if (statement.label) {
        const label = document.createElement("b");
        label.textContent = statement.label;
        item.append(label, " ");
      }
      marks(statement, item);
      list.append(item);
    }
    root.append(list);
  }
}
