"use strict";
(() => {
  const progress = document.querySelector(".progress");
  const going = () => { if (progress) { progress.hidden = false; document.getElementById("main").setAttribute("aria-busy", "true"); } };
  addEventListener("pageshow", () => { if (progress) { progress.hidden = true; document.getElementById("main").removeAttribute("aria-busy"); } });
  document.addEventListener("submit", going);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = link.href.baseVal ?? link.getAttribute("href");
    if (!href.startsWith("#") && !href.includes("format=")) going();
  });

  const cluster = document.getElementById("cluster");
  if (cluster) cluster.addEventListener("change", () => cluster.form.requestSubmit());
  // A field that is left empty does not belong into the URL.
  for (const form of document.querySelectorAll("form.fields, form.switcher")) {
    form.addEventListener("formdata", (event) => { for (const [key, value] of [...event.formData]) if (value === "") event.formData.delete(key); });
  }

  // Bodies are long: they come when they are looked at.
  const show = async (details) => {
    const into = details.querySelector(".into");
    if (!details.open || into.childElementCount || into.classList.contains("loading")) return;
    into.classList.add("loading");
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    try {
      const answer = await fetch(details.dataset.src, { headers: { Accept: details.dataset.src.includes("/yaml") ? "*/*" : "application/json" } });
      const isJson = (answer.headers.get("content-type") ?? "").includes("json");
      const said = isJson ? await answer.json() : await answer.text();
      if (!answer.ok) pre.textContent = `${said.title}. ${said.remedy ?? ""}`;
      else pre.textContent = isJson ? (said.rows.length ? said.rows.map(readable).join("\n") : "The log shows none.") : said;
    } catch {
      pre.textContent = "It cannot be read now. Fold and open it again.";
    }
    into.classList.remove("loading");
    into.append(pre);
  };
  const readable = (row) => JSON.stringify(row, (key, value) => {
    if (!["request_body", "response_body", "annotations"].includes(key) || typeof value !== "string") return value === null ? undefined : value;
    try { return JSON.parse(value); } catch { return value; }
  }, 1);
  for (const details of document.querySelectorAll("details.lazy")) details.addEventListener("toggle", () => show(details));

  // What lies further down comes when it is nearly seen. Its text is ours, escaped as that of every page.
  const bring = async (part) => {
    try {
      const answer = await fetch(part.dataset.src);
      if (!answer.ok) return;
      part.innerHTML = await answer.text();
      part.removeAttribute("id");
      const wanted = location.hash && document.getElementById(location.hash.slice(1));
      if (wanted && part.contains(wanted)) wanted.scrollIntoView();
    } catch { /* The link stays. */ }
  };
  const near = new IntersectionObserver((seen) => {
    for (const each of seen) if (each.isIntersecting) { near.unobserve(each.target); bring(each.target); }
  }, { rootMargin: "300px" });
  for (const part of document.querySelectorAll(".later[data-src]")) near.observe(part);

  const places = { b: "/slo", t: "/tail", e: "/errors", h: "/history", s: "/search", q: "/quality" };
  let isGoing = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "/") {
      const field = document.getElementById("q");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    } else if (event.key === "g") {
      isGoing = true;
      setTimeout(() => { isGoing = false; }, 1500);
    } else if (isGoing && places[event.key]) {
      const link = [...document.querySelectorAll(".sections a")].find((each) => each.pathname === places[event.key]);
      if (link) link.click();
    }
  });
})();
