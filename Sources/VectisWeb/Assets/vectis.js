// The pages work without this file. With it, a test shows its checks as they finish, a suggested value goes into its field without a round
// trip, and lists that depend on the ticket type follow it.
"use strict";

const form = document.getElementById("connection");
const result = document.getElementById("result");
/** Whether tests are streamed; after a stream that broke off they are sent as ordinary forms. */
let streams = true;

/** Sends the form and hands over each line of the answer as it arrives. */
async function readLines(address, body, take) {
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/x-ndjson" } });
  if (!answer.ok || !answer.body) throw new Error(String(answer.status));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) take(JSON.parse(line));
  }
}

function setHidden(name, value) {
  form.querySelector(`input[name="${name}"]`)?.remove();
  if (!value) return;
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  form.append(input);
}

function clearProblems() {
  for (const problem of form.querySelectorAll("p.problem")) problem.remove();
  for (const field of form.querySelectorAll(".wrong")) field.classList.remove("wrong");
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.setAttribute("aria-describedby", input.id + "-help");
  }
}

function showProblem({ field, message }, hasGuidance) {
  const input = document.getElementById("field-" + field);
  if (!input) return;
  const problem = document.createElement("p");
  problem.className = "problem";
  problem.id = input.id + "-problem";
  const word = document.createElement("strong");
  word.textContent = form.dataset.wordProblem;
  problem.append(word, " " + message + " ");
  if (hasGuidance) {
    const link = document.createElement("a");
    link.href = "#guidance-title";
    link.textContent = form.dataset.wordGuidance;
    problem.append(link);
  }
  input.closest(".field").classList.add("wrong");
  input.closest(".field").append(problem);
  input.setAttribute("aria-invalid", "true");
  input.closest("details")?.setAttribute("open", "");
  input.setAttribute("aria-describedby", `${input.id}-help ${problem.id}`);
}

async function test(button) {
  const body = new URLSearchParams(new FormData(form));
  button.setAttribute("aria-disabled", "true");
  result.setAttribute("aria-busy", "true");
  clearProblems();
  setHidden("receipt", "");
  result.innerHTML = '<p class="testing" role="status"></p><h2></h2><ol class="checks"></ol>';
  const outcome = result.querySelector(".testing");
  result.scrollIntoView({ block: "nearest" });
  outcome.textContent = form.dataset.wordTesting;
  result.querySelector("h2").textContent = form.dataset.wordChecks;
  let isComplete = false;
  try {
    await readLines(form.dataset.stream, body, (line) => {
      if (line.check) result.querySelector(".checks").insertAdjacentHTML("beforeend", line.check);
      if (!line.result) return;
      isComplete = true;
      outcome.outerHTML = line.result;
      if (line.problems) result.querySelectorAll(":scope > h2, :scope > .checks").forEach((part) => part.remove());
      for (const problem of line.problems ?? []) showProblem(problem, false);
      for (const problem of line.refused ?? []) showProblem(problem, true);
      setHidden("receipt", line.receipt);
      const field = line.refused?.[0]?.field;
      const input = field && document.getElementById("field-" + field);
      // A diagnosis is read first; it never leads into a secret.
      const isPlain = input && input.type !== "password";
      (result.querySelector(".form-problems") ?? (isPlain ? input : document.getElementById("guidance-title")))?.focus();
      offerCopies(result);
    });
    if (!isComplete) throw new Error("cut off");
  } catch {
    // Sent as an ordinary form, the server answers with a whole page, also when the session has ended.
    streams = false;
    result.replaceChildren();
    button.removeAttribute("aria-disabled");
    form.requestSubmit(button);
  } finally {
    button.removeAttribute("aria-disabled");
    result.removeAttribute("aria-busy");
  }
}

if (form && result && form.dataset.stream) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    // Enter in a field presses the form's first button, which is Test.
    if (button?.value !== "test" || !streams) return;
    event.preventDefault();
    if (!button.hasAttribute("aria-disabled")) test(button);
  });
  result.addEventListener("click", (event) => {
    const button = event.target.closest("button.suggestion");
    const input = button && document.getElementById("field-" + button.dataset.field);
    if (!input) return;
    event.preventDefault();
    input.value = button.dataset.value;
    input.closest("details")?.setAttribute("open", "");
    input.focus();
  });
  // A consent or another name changes nothing that was tested.
  form.addEventListener("input", (event) => {
    if (event.target.type !== "checkbox" && event.target.name !== "connection-name") setHidden("receipt", "");
  });
}

/** Asks for the lists that go with the choice and puts them into the page, so that arrow keys can walk on through the choices. */
async function followChoice(button, choice, signal) {
  const body = new URLSearchParams(new FormData(button.form));
  body.set(button.name, button.value);
  // A form's buttons are called “action” too, and hide its property of this name.
  const answer = await fetch(button.form.getAttribute("action"), { method: "POST", body, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fields = button.form.querySelector("#ticket-fields");
  for (const list of button.form.querySelectorAll("select")) {
    if (list === choice || fields?.contains(list)) continue;
    const fresh = page.getElementById(list.id);
    // Where the PSA does not give its lists any more, the whole page says why.
    if (fresh?.localName !== "select") throw new Error("no list");
    // As text: options that are moved out of another list one by one each take over being its chosen one.
    list.innerHTML = fresh.innerHTML;
  }
  if (!fields) return;
  const fresh = page.getElementById("ticket-fields");
  if (!fresh) throw new Error("no fields");
  fields.innerHTML = fresh.innerHTML;
}

for (const button of document.querySelectorAll("button[data-reload]")) {
  button.hidden = true;
  const choice = document.getElementById("field-" + button.dataset.reload);
  let current = new AbortController();
  choice?.addEventListener("change", async () => {
    current.abort();
    const own = (current = new AbortController());
    try {
      await followChoice(button, choice, own.signal);
    } catch {
      if (!own.signal.aborted) button.form.requestSubmit(button);
    }
  });
}

const sync = document.getElementById("sync-status");

/** The ids of what a part of the page consists of; if they stay, its pieces can be replaced one by one. */
const idsIn = (part) => [...part.querySelectorAll("[id]")].map((element) => element.id).join(" ");

/** Puts a newer state of the sync into the page; what has the focus or was opened stays. */
function showSync(fresh) {
  if (idsIn(fresh) === idsIn(sync)) {
    for (const row of sync.querySelectorAll("tr[id]")) {
      const cells = fresh.querySelector(`#${row.id}`).cells;
      [...row.cells].forEach((cell, index) => {
        const changed = cells[index]?.innerHTML;
        if (!cell.contains(document.activeElement) && cell.innerHTML !== changed) cell.innerHTML = changed;
      });
    }
  } else if (sync.contains(document.activeElement)) {
    // The next update tries again; until then nothing is taken away from under a finger.
    return;
  } else {
    sync.innerHTML = fresh.innerHTML;
  }
  if (!fresh.dataset.refresh) delete sync.dataset.refresh;
}

/** Shows how a sync goes on, as long as something is under way. */
async function followSync() {
  while (sync.dataset.refresh) {
    await new Promise((done) => setTimeout(done, Number(sync.dataset.refresh) * 1000));
    if (document.hidden) continue;
    try {
      const answer = await fetch(location.pathname);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("sync-status");
      if (fresh) showSync(fresh);
      // Another page came: the session has ended, or the connection is gone.
      else if (answer.ok || answer.status === 404) return location.reload();
    } catch {
      // The host does not answer; the page stays as it is, and the next try comes.
    }
  }
}

if (sync?.dataset.refresh) followSync();

/** Shows the buttons that copy a text, in the page or in what came into it later. */
function offerCopies(part) {
  for (const button of part.querySelectorAll("button[data-copy]")) {
    // Browsers give the clipboard to pages of a secure address only.
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      document.querySelector(`[data-copied="${button.dataset.copy}"]`).hidden = false;
    });
  }
}

offerCopies(document);
const ruleForm = document.getElementById("rule-form");

/** Tries the rule as it is in the form, and puts what comes back into the page: the preview, and after a button the conditions. */
async function tryRule(action, signal) {
  const body = new URLSearchParams(new FormData(ruleForm));
  body.set("action", action);
  const answer = await fetch(ruleForm.dataset.preview, { method: "POST", body, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of action === "preview" ? ["preview-result"] : ["conditions", "preview-result"]) {
    const [part, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!part || !fresh) throw new Error("no part");
    part.innerHTML = fresh.innerHTML;
  }
}

/** Fetches the fields and the lists that go with the connection and the ticket type, as the button does without the script. */
async function followRuleChoice(name, signal) {
  const body = new URLSearchParams(new FormData(ruleForm));
  body.set("action", "reload");
  const answer = await fetch(ruleForm.getAttribute("action"), { method: "POST", body, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ruleForm.querySelectorAll("#rule-fields, .advanced datalist")) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.innerHTML = fresh.innerHTML;
  }
  if (name !== "connection") return;
  // The ids of another PSA mean other things, and are left out of the answer.
  for (const input of ruleForm.querySelectorAll("[name=type], [name=status], [name=priority]")) {
    const fresh = page.getElementById(input.id);
    if (fresh) input.value = fresh.value;
  }
}

if (ruleForm) {
  let choice = new AbortController();
  ruleForm.addEventListener("change", async (event) => {
    if (event.target.name.endsWith(".comparison")) {
      // Among several values a name with a comma needs quotation marks.
      const value = ruleForm.elements.namedItem(event.target.name.replace(/comparison$/, "value"));
      const list = event.target.value === "one_of" ? "companies-listed" : "companies";
      if (value?.hasAttribute?.("data-companies")) value.setAttribute("list", list);
    }
    if (!["connection", "type"].includes(event.target.name)) return;
    choice.abort();
    choice = new AbortController();
    try {
      await followRuleChoice(event.target.name, choice.signal);
    } catch {
      // The fields stay as they were; their button still asks for those that go with the choice.
    }
  });
  let current = new AbortController();
  let timer = 0;
  let names = 0;
  ruleForm.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const isPart = button?.hasAttribute("data-part") || button?.value === "preview";
    if (!isPart || button.dataset.failed) return;
    event.preventDefault();
    clearTimeout(timer);
    current.abort();
    current = new AbortController();
    try {
      await tryRule(button.value, current.signal);
      document.querySelector("#conditions [autofocus]")?.focus();
    } catch (error) {
      if (error.name === "AbortError") return;
      // Sent as an ordinary form, the server answers with a whole page.
      button.dataset.failed = "true";
      ruleForm.requestSubmit(button);
    }
  });
  ruleForm.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      current.abort();
      current = new AbortController();
      try {
        await tryRule("preview", current.signal);
      } catch {
        // The preview stays as it was; its button still asks for a new one.
      }
    }, 500);
    if (!event.target.hasAttribute("data-companies")) return;
    clearTimeout(names);
    names = setTimeout(async () => {
      const query = new URLSearchParams({
        connection: document.getElementById("field-connection").value,
        search: event.target.value,
        list: event.target.getAttribute("list"),
      });
      const answer = await fetch("/rules/company-names?" + query);
      if (answer.ok) document.getElementById(query.get("list")).innerHTML = await answer.text();
    }, 300);
  });
}

/** Looks again, every few seconds, for what a part of the page waits for. */
async function followPart(part) {
  while (part.dataset.await) {
    await new Promise((done) => setTimeout(done, Number(part.dataset.await) * 1000));
    if (document.hidden) continue;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(part.dataset.from)).text(), "text/html");
      const fresh = page.getElementById(part.id);
      // The session has ended.
      if (!fresh) return;
      if (fresh.dataset.await) continue;
      part.innerHTML = fresh.innerHTML;
      delete part.dataset.await;
    } catch {
      // The host does not answer; the next try comes.
    }
  }
}

for (const part of document.querySelectorAll("[data-await]")) followPart(part);
/** Shows the times of the page in a zone, as the server does once it knows the zone. */
function showTimes(timeZone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    timeZoneName: "shortOffset",
  });
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = Object.fromEntries(format.formatToParts(new Date(time.dateTime)).map(({ type, value }) => [type, value]));
    const day = document.documentElement.lang === "de" ? `${at.day}.${at.month}.${at.year}` : `${at.year}-${at.month}-${at.day}`;
    const offset = at.timeZoneName.replace("GMT", "UTC").replace("-", "−");
    time.title = `${day}, ${at.hour}:${at.minute}:${at.second} (${timeZone}, ${offset})`;
    if ("exact" in time.dataset) time.textContent = `${day}, ${at.hour}:${at.minute}`;
  }
}

/** The browser's zone, which the server learns from a cookie; the first page is made without it. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (/^[A-Za-z0-9_+/-]{1,64}$/.test(zone ?? "")) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `vectis_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  if ("zoneUnknown" in document.documentElement.dataset) showTimes(zone);
}

/** The form token of the present session, if it is still one of the account of this page; null if it is not. */
async function presentToken() {
  const answer = await fetch("/account", { redirect: "manual" });
  if (!answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const account = (part) => part.querySelector(".who a")?.textContent;
  return account(page) === account(document) ? page.querySelector("input[name=form_token]")?.value : null;
}

/** Says beside the button that the session has ended; what was typed stays. */
function showSignedOut(form, button) {
  form.querySelector(".signed-out")?.remove();
  const notice = document.createElement("div");
  notice.className = "notice problem signed-out";
  notice.setAttribute("role", "alert");
  notice.append(document.getElementById("signed-out").content.cloneNode(true));
  (button?.closest(".buttons, .actions, p") ?? form.lastElementChild).before(notice);
}

// A form in which something was typed is sent once it is known that its session has not ended: the answer would replace what was typed.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const token = form.querySelector("input[name=form_token]");
  const typed = "textarea, input:not([type=hidden], [type=checkbox], [type=radio])";
  if (event.defaultPrevented || !token || !document.getElementById("signed-out") || !form.querySelector(typed)) return;
  if (form.dataset.checked) {
    delete form.dataset.checked;
    return;
  }
  event.preventDefault();
  if (form.dataset.checking) return;
  form.dataset.checking = "true";
  let fresh = token.value;
  try {
    fresh = await presentToken();
  } catch {
    // The host does not answer; the browser says so.
  }
  delete form.dataset.checking;
  if (!fresh) {
    showSignedOut(form, event.submitter);
    return;
  }
  form.querySelector(".signed-out")?.remove();
  for (const field of document.querySelectorAll("input[name=form_token]")) field.value = fresh;
  form.dataset.checked = "true";
  form.requestSubmit(event.submitter);
});
