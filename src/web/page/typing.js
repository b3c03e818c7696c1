// Keeps what somebody types. A page that asks again by itself would take the text away, so it waits
// for a minute of rest. Without this script it asks again all the same.
"use strict";
let due;
const wait = () => {
  window.stop();
  clearTimeout(due);
  due = setTimeout(() => location.reload(), 60000);
};
for (const field of document.querySelectorAll("input[type=search]")) {
  field.addEventListener("focus", wait);
  field.addEventListener("input", wait);
}
