// Light or dark: as the system is, until a reader chooses. The report holds it, the workspace serves it.
"use strict";
(() => {
  const root = document.documentElement;
  const remembered = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* a private window keeps nothing */ } },
  };
  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = document.querySelector(".theme");
  const label = () => { const other = isDark() ? "Light" : "Dark"; theme.textContent = other; theme.setAttribute("aria-label", `${other} theme`); };
  const chosen = remembered.get("lorgnette-theme");
  if (chosen) root.dataset.theme = chosen;
  theme.hidden = false;
  label();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered.set("lorgnette-theme", root.dataset.theme);
    label();
  });
})();
