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

// The first element of what our own server has rendered and escaped; null if there is none.
function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// ------------------------------------------------------------ answers

const SLOW = 400; // milliseconds until a command that is not answered yet says so
const underWay = new Set();

async function send(event) {
  const form = event.target.closest("form[data-command]");
  const answer = document.getElementById("answer");
  if (!form || !answer) return;
  event.preventDefault();
  const data = new FormData(form);
  if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
  const hasFile = data.get("file")?.size > 0;
  const asked = data.get("text")?.trim() ?? "";
  if (!asked && !hasFile) return;
  if (!hasFile) data.delete("file");
  // The server refuses it too, but while it is being sent, and a browser shows that as a lost connection.
  const most = Number(form.elements.file?.dataset.most);
  if (hasFile && most && data.get("file").size > most) {
    const megabytes = (most / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 });
    show(answer, refusal("Not sent", `That file is too large: at most ${megabytes} MB are read. Send less of it, or parts.`));
    return;
  }
  const body = hasFile ? data : new URLSearchParams(data);
  const same = String(new URLSearchParams([...data].filter(([, value]) => typeof value === "string")));
  if (underWay.has(same)) return; // pressed twice
  underWay.add(same);
  answer.setAttribute("aria-busy", "true");
  const slow = setTimeout(() => answer.prepend(waiting(asked)), SLOW);
  try {
    const response = await fetch("/command", { method: "POST", body, headers: { "X-Fragment": "1" } });
    const text = await response.text();
    show(answer, element(text)?.closest("#reply") ?? refusal("Not done", told(response, text)), form);
    if (form.classList.contains("box") && response.ok) remember(data.get("text"), form);
  } catch {
    show(answer, refusal("Not done", "The bot cannot be reached. Is it still running?"), form);
  } finally {
    clearTimeout(slow);
    underWay.delete(same);
    if (!underWay.size) answer.removeAttribute("aria-busy");
  }
}

// What is no answer of a command: refused before it came to that, or broken.
function told(response, text) {
  const isPlain = response.headers.get("content-type")?.startsWith("text/plain");
  return isPlain && response.status < 500 ? text : `The bot failed at this (${response.status}): its log says why.`;
}

function refusal(heading, problem) {
  const made = element('<section class="reply refused" id="reply" tabindex="-1"><h2></h2><p></p></section>');
  made.querySelector("h2").textContent = heading;
  made.querySelector("p").textContent = problem;
  return made;
}

function waiting(asked) {
  const made = document.createElement("p");
  made.className = "note waiting";
  made.textContent = asked ? `Working on ${asked.slice(0, 60)} …` : "Working on it …";
  return made;
}

function show(answer, reply, form) {
  localise(reply);
  // On a phone the answer stands above all alerts: back to the one whose button was pressed.
  const asker = form?.closest(".alert");
  if (asker) {
    const back = element('<p class="back"><a>Back to the alert</a></p>');
    back.firstElementChild.href = `#${asker.id}`;
    reply.append(back);
  }
  answer.replaceChildren(reply);
  const box = reply.getBoundingClientRect();
  if (box.top < 0 || box.top > window.innerHeight - 80) reply.scrollIntoView({ block: "start" });
  if (!document.activeElement?.matches("#text")) reply.focus({ preventScroll: true });
}

// Arrow keys bring earlier commands back, as in a terminal.
const sent = [];
let place = 0;
let draft = "";

function remember(text, form) {
  if (text.trim()) sent.push(text);
  place = sent.length;
  form.reset();
}

function recall(event) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const next = place + step;
  if (!step || next < 0 || next > sent.length) return;
  if (place === sent.length) draft = event.target.value;
  place = next;
  event.target.value = sent[place] ?? draft;
  event.preventDefault();
}

// ------------------------------------------------------------ live alerts

let unseen = 0;
let lostAt = ""; // when the connection was lost; "" while there is one
const title = document.title;
const unlit = new Set(); // what came while nobody looked

// A change is lit for a moment: for the eyes that are there, or when they come back.
function light(post, how) {
  if (document.hidden) {
    unlit.add(post);
    return;
  }
  post.classList.add(how);
  setTimeout(() => post.classList.remove(how), 10_000);
}

function look() {
  if (document.hidden) return;
  for (const post of unlit) light(post, "fresh");
  unlit.clear();
  count(0);
}

function count(change) {
  unseen = document.hidden ? unseen + change : 0;
  document.title = (lostAt ? "No connection · " : "") + (unseen ? `(${unseen}) ` : "") + title;
}

// Screen readers speak the last text of a moment: what comes together is said together.
const AT_ONCE = 3;
let news = [];

function announce(text) {
  if (!news.length) setTimeout(() => {
    const more = news.length - AT_ONCE;
    const told = [...news.slice(0, AT_ONCE), ...(more > 0 ? [`and ${more} more`] : [])].join(". ");
    document.getElementById("announce").textContent = told;
    news = [];
  }, 200);
  news.push(text);
}

// The newest first; answers, which stand under their alert, the oldest first. As the server writes them.
function insert(fresh, list, isNewestFirst) {
  const number = Number(fresh.dataset.post);
  const isBehind = (post) => (Number(post.dataset.post) < number) === isNewestFirst;
  list.insertBefore(fresh, [...list.children].find(isBehind) ?? null);
}

function placePost(list, post) {
  const fresh = element(post.html);
  localise(fresh);
  const old = document.getElementById(`post-${post.id}`);
  if (old) {
    renew(old, fresh);
  } else {
    if (post.id < Number(list.dataset.first)) return; // one of the earlier alerts was brought up to date
    const parent = document.querySelector(`#post-${Number(post.parent)} > .follow-ups`);
    if (parent) insert(fresh, parent, false);
    else insert(fresh, list, true);
    for (const answer of list.querySelectorAll(`:scope > [data-parent="${Number(post.id)}"]`)) {
      insert(answer, fresh.querySelector(".follow-ups"), false);
    }
  }
  light(fresh, old ? "changed" : "fresh");
  document.getElementById("empty").hidden = true;
  announce(`${old ? "Updated" : post.parent ? "News of an alert" : "New alert"}: ${post.title}`);
  count(old ? 0 : 1);
}

// In place of what it brings up to date, with its answers, and with the focus where it was.
function renew(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const sameAs = (one) => one.tagName === held.tagName && one.value === held.value && one.href === held.href;
  const folded = [...fresh.querySelectorAll("details")];
  const own = [...old.querySelectorAll("details")].filter((one) => one.closest(".alert") === old);
  own.forEach((one, place) => { if (folded[place]) folded[place].open = one.open; });
  fresh.querySelector(".follow-ups").append(...old.querySelector(".follow-ups").children);
  old.replaceWith(fresh);
  if (!held) return;
  const now = fresh.contains(held) ? held : [...fresh.querySelectorAll("a, button, summary")].find(sameAs);
  (now ?? fresh.querySelector("a, button"))?.focus({ preventScroll: true });
}

// Only the page of alerts listens: a browser opens six connections to a server, and each listener holds one.
const SILENCE = 45_000; // milliseconds; the status comes every 15 seconds, and a line that is cut may say nothing
let heardAt = 0;

function listen(list) {
  const strip = document.getElementById("strip");
  const status = document.getElementById("status");
  const events = new EventSource(`/events.sse?after=${list.dataset.seq}`);
  heardAt = Date.now();
  const hear = (kind, act) => events.addEventListener(kind, (event) => { heardAt = Date.now(); act(event); });
  hear("status", (event) => {
    strip.className = event.data.includes("in trouble") ? "strip live ailing" : "strip live";
    status.textContent = event.data;
    if (!lostAt) return;
    lostAt = "";
    announce("Connected again");
    count(0);
  });
  hear("post", (event) => {
    list.dataset.seq = event.lastEventId;
    placePost(list, JSON.parse(event.data));
  });
  hear("anew", () => location.reload());
  const lose = () => {
    if (!lostAt) {
      lostAt = formatter.format(new Date()); // with its day: a screen may stand alone for a weekend
      announce(`Connection lost at ${lostAt}`);
      count(0);
    }
    strip.className = "strip lost";
    status.textContent = `Connection lost at ${lostAt}, trying again …`;
  };
  events.addEventListener("error", () => {
    lose();
    heardAt = Date.now(); // it tries again by itself
    if (events.readyState === EventSource.CLOSED) again(5000);
  });
  const watch = setInterval(() => {
    if (Date.now() - heardAt < SILENCE) return;
    lose();
    again(0);
  }, 2000);
  const again = (wait) => {
    clearInterval(watch);
    events.close();
    setTimeout(listen, wait, list);
  };
}

document.addEventListener("submit", send);
document.addEventListener("visibilitychange", look);
document.querySelector("input#text")?.addEventListener("keydown", recall);
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input, textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector("input#text, input#q");
  if (!box) return;
  event.preventDefault();
  box.focus();
});
localise(document);
const zone = document.getElementById("zone"); // not there if the console has one of its own
if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
const alerts = document.getElementById("alerts");
if (alerts) listen(alerts);
