"use strict";
(() => {
  const clusters = [...document.querySelectorAll(".cluster")];
  const links = [...document.querySelectorAll(".clusters a")];
  const show = (cluster) => {
    for (const each of clusters) each.hidden = each !== cluster;
    for (const link of links) {
      if (link.hash === `#${cluster.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  // A link may lead into a cluster that is not shown, or into something folded.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const cluster = target.closest(".cluster");
    if (cluster && clusters.length > 1) show(cluster);
    for (let each = target; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    target.scrollIntoView();
  };
  if (clusters.length > 1) show(clusters[0]);
  addEventListener("hashchange", reveal);
  reveal();

  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  });
})();
