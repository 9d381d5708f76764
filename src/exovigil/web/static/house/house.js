// What HTML alone cannot do: move focus to the error summary, and let the body map tick its boxes.
(function () {
  "use strict";

  function focusErrors(root) {
    var summary = root.querySelector(".error-summary");
    if (summary) summary.focus();
  }

  function wireBodyMap(map) {
    map.querySelectorAll("[data-region]").forEach(function (shape) {
      var box = map.querySelector('input[value="' + shape.dataset.region + '"]');
      if (!box) return;
      var paint = function () { shape.classList.toggle("on", box.checked); };
      shape.addEventListener("click", function () { box.checked = !box.checked; paint(); });
      box.addEventListener("change", paint);
      paint();
    });
  }

  function start(root) {
    focusErrors(root);
    root.querySelectorAll(".body-map").forEach(wireBodyMap);
  }

  document.addEventListener("DOMContentLoaded", function () { start(document); });
})();
