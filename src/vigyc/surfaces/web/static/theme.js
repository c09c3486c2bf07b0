// From a choice of light or dark to the colours of the page: the system's, unless somebody chose otherwise here.
(() => {
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem("vigyc-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const choice = kept();
  if (choice === "light" || choice === "dark") root.dataset.theme = choice;
  const tell = () => dispatchEvent(new Event("vigyc-theme"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  window.vigycTheme = {
    isDark,
    toggle() {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("vigyc-theme", root.dataset.theme); } catch { /* private windows keep nothing */ }
      tell();
    },
  };
})();
