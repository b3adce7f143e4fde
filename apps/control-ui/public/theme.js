// Runs before the first paint; the policy allows no inline script.
try {
  const theme = localStorage.getItem("openclaw.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's scheme is used then.
}
