// @ts-check
// Lists of the administration on a narrow screen: each cell is shown behind the name of its column.

const names = Array.from(document.querySelectorAll("#result_list thead th"), (head) => head.textContent?.trim() ?? "");
for (const row of document.querySelectorAll("#result_list tbody tr")) {
  Array.from(row.children).forEach((cell, at) => {
    if (names[at] && !cell.classList.contains("action-checkbox")) cell.setAttribute("data-label", names[at]);
  });
}
