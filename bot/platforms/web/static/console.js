// Live alerts, local times, answers in place. Everything works without it, but for the live alerts.
"use strict";

const DAY_AND_TIME = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
const formatter = new Intl.DateTimeFormat(undefined, DAY_AND_TIME);
const timeOnly = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function localise(root) {
  const today = new Date().toDateString();
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.title ||= time.textContent;
    time.textContent = at.toDateString() === today ? timeOnly.format(at) : formatter.format(at);
  }
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // rendered and escaped by our own server
  return template.content.firstElementChild;
}

// ------------------------------------------------------------ answers

async function send(event) {
  const form = event.target.closest("form[data-command]");
  const answer = document.getElementById("answer");
  if (!form || !answer) return;
  event.preventDefault();
  const data = new FormData(form);
  if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
  const hasFile = data.get("file")?.size > 0;
  if (!data.get("text")?.trim() && !hasFile) return;
  if (!hasFile) data.delete("file");
  // The server refuses it too, but while it is being sent, and a browser shows that as a lost connection.
  const most = Number(form.elements.file?.dataset.most);
  if (hasFile && most && data.get("file").size > most) {
    const megabytes = (most / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 });
    show(answer, `<section class="reply refused" id="reply" tabindex="-1"><h2>Not sent</h2><p>That file is too large: at most ${megabytes} MB are read. Send less of it, or parts.</p></section>`);
    return;
  }
  const body = hasFile ? data : new URLSearchParams(data);
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await fetch("/command", { method: "POST", body, headers: { "X-Fragment": "1" } });
    show(answer, await response.text());
    if (form.classList.contains("box") && response.ok) remember(data.get("text"), form);
  } catch {
    show(answer, '<section class="reply refused" id="reply" tabindex="-1"><h2>Not done</h2><p>The bot cannot be reached. Is it still running?</p></section>');
  } finally {
    answer.removeAttribute("aria-busy");
  }
}

function show(answer, html) {
  const reply = element(html);
  if (!reply) return;
  localise(reply);
  answer.replaceChildren(reply);
  const box = reply.getBoundingClientRect();
  if (box.top < 0 || box.top > window.innerHeight - 80) reply.scrollIntoView({ block: "nearest" });
  if (!document.activeElement?.matches("#text")) reply.focus({ preventScroll: true });
}

// Arrow keys bring earlier commands back, as in a terminal.
const history = [];
let place = 0;

function remember(text, form) {
  if (text.trim()) history.push(text);
  place = history.length;
  form.reset();
}

function recall(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  place = Math.min(Math.max(place + (event.key === "ArrowUp" ? -1 : 1), 0), history.length);
  event.target.value = history[place] ?? "";
  event.preventDefault();
}

// ------------------------------------------------------------ live alerts

let unseen = 0;
const title = document.title;

function count(change) {
  unseen = document.hidden ? unseen + change : 0;
  document.title = unseen ? `(${unseen}) ${title}` : title;
}

function placePost(list, post) {
  const fresh = element(post.html);
  localise(fresh);
  const old = document.getElementById(`post-${post.id}`);
  if (old) {
    fresh.querySelector(".follow-ups").append(...old.querySelector(".follow-ups").children);
    old.replaceWith(fresh);
  } else {
    const parent = post.parent && document.querySelector(`#post-${Number(post.parent)} > .follow-ups`);
    if (parent) parent.append(fresh);
    else list.prepend(fresh);
  }
  fresh.classList.add(old ? "changed" : "fresh");
  document.getElementById("empty").hidden = true;
  document.getElementById("announce").textContent = `${old ? "Updated" : "New alert"}: ${post.title}`;
  count(old ? 0 : 1);
}

// Only the page of alerts listens: a browser opens six connections to a server, and each listener holds one.
function listen(list) {
  const strip = document.getElementById("strip");
  const status = document.getElementById("status");
  const events = new EventSource(`/events.sse?after=${list.dataset.seq}`);
  events.addEventListener("status", (event) => {
    strip.className = event.data.includes("in trouble") ? "strip live ailing" : "strip live";
    status.textContent = event.data;
  });
  events.addEventListener("post", (event) => {
    list.dataset.seq = event.lastEventId;
    placePost(list, JSON.parse(event.data));
  });
  events.addEventListener("error", () => {
    strip.className = "strip lost";
    status.textContent = `Connection lost at ${timeOnly.format(new Date())}, trying again …`;
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5000, list);
  });
}

document.addEventListener("submit", send);
document.addEventListener("visibilitychange", () => count(0));
document.getElementById("text")?.addEventListener("keydown", recall);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.getElementById("text") ?? document.getElementById("q");
  if (!box) return;
  event.preventDefault();
  box.focus();
});
localise(document);
const zone = document.getElementById("zone"); // not there if the console has one of its own
if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
const alerts = document.getElementById("alerts");
if (alerts) listen(alerts);
