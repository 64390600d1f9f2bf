// Small comforts; every page works without them.
"use strict";
const all = (selector) => document.querySelectorAll(selector);

// Print buttons, and selects that submit themselves.
all("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
});
all("[data-submit]").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));
all("[data-focus]").forEach((element) => element.focus());

// Parts that are shut open for the printer.
window.addEventListener("beforeprint", () => all("details:not(.confirm):not([open])").forEach((part) => { part.open = true; part.dataset.shut = "1"; }));
window.addEventListener("afterprint", () => all("details[data-shut]").forEach((part) => { part.open = false; delete part.dataset.shut; }));

// A slider over the plan's days moves the date beside it and asks again when let go.
const day = 86400000;
all("[data-slider]").forEach((slider) => {
    const field = slider.form.elements[slider.dataset.slider];
    const first = Date.parse(slider.dataset.first), last = Date.parse(slider.dataset.last);
    if (!field || !(last > first)) return;
    const follow = () => { slider.value = Math.round((Date.parse(field.value) - first) / day); };
    slider.min = 0;
    slider.max = Math.round((last - first) / day);
    follow();
    slider.closest("label").hidden = false;
    slider.addEventListener("input", () => { field.value = new Date(first + slider.value * day).toISOString().slice(0, 10); });
    slider.addEventListener("change", () => slider.form.requestSubmit());
    field.addEventListener("change", follow);
});

// What is typed is kept as a draft, a while after the last change.
all("[data-autosave]").forEach((form) => {
    let timer = 0, saving = false, again = false;
    const save = async () => {
        if (saving) { again = true; return; }
        saving = true;
        try {
            const body = new URLSearchParams(new FormData(form));
            const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { accept: "application/json" } });
            if (answer.ok) {
                const saved = await answer.json();
                form.elements._draft.value = saved.id;
                form.elements._draft_version.value = saved.version;
                form.querySelector("[data-saved]").textContent = saved.text;
            }
        } catch { /* the next change tries again */ }
        saving = false;
        if (again) { again = false; save(); }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 3000); });
    form.addEventListener("submit", () => clearTimeout(timer));
});

// References are searched while typing.
all("[data-lookup]").forEach((field) => {
    let timer = 0, asked = "";
    field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(async () => {
            const query = field.value.trim();
            if (query.length < 2 || query === asked) return;
            asked = query;
            try {
                const answer = await fetch(field.dataset.lookup + (field.dataset.lookup.includes("?") ? "&" : "?") + "q=" + encodeURIComponent(query));
                if (!answer.ok || asked !== query) return;
                const found = await answer.json();
                field.list.replaceChildren(...found.map((each) => new Option(each.text, each.value)));
            } catch { /* the form is checked when it is sent */ }
        }, 250);
    });
});

// Progress is asked for, and the receipt opened when it is there.
all("[data-progress]").forEach((box) => {
    const put = (name, text) => { const place = box.querySelector(name); if (place && text !== undefined) place.textContent = text; };
    const every = Math.max(1, Number(box.dataset.every) || 2) * 1000;
    const ask = async () => {
        try {
            const answer = await fetch(box.dataset.progress || box.dataset.here, { headers: { accept: "application/json" } });
            const state = await answer.json();
            if (state.href) { location.assign(state.href); return; }
            put("[data-done]", state.done.toLocaleString());
            put("[data-total]", state.total.toLocaleString());
            put("[data-phase]", state.phase);
            const bar = box.querySelector("progress");
            if (state.total > 0) bar.value = 100 * state.done / state.total; else bar.removeAttribute("value");
        } catch {
            if (!box.dataset.progress) { location.reload(); return; }
        }
        setTimeout(ask, every);
    };
    setTimeout(ask, every);
});

// A form that must not be lost where there is no network: what was entered, photographed and signed stays in this browser until the house has it.
all("form[data-keep]").forEach((form) => {
    const name = "zhifang." + location.pathname + location.search.replace(/[?&]lang=[a-z]+/, "");
    const state = form.querySelector("[data-state]"), queue = form.querySelector("[data-queue]");
    const say = (text, tone = "info") => { if (state) { state.hidden = !text; state.textContent = text; state.className = "notice " + tone; } };
    form.querySelectorAll("[data-script]").forEach((part) => { part.hidden = false; });

    // Files: in the browser's database; where it has none, in memory until the page is left.
    const memory = new Map();
    const base = new Promise((done) => {
        const ask = window.indexedDB ? indexedDB.open("zhifang", 1) : null;
        if (!ask) { done(null); return; }
        ask.onupgradeneeded = () => ask.result.createObjectStore("files");
        ask.onsuccess = () => done(ask.result);
        ask.onerror = () => done(null);
    });
    const act = async (mode, work) => {
        const store = await base;
        if (!store) return undefined;
        return new Promise((done, fail) => {
            const ask = work(store.transaction("files", mode).objectStore("files"));
            ask.onsuccess = () => done(ask.result);
            ask.onerror = () => fail(ask.error);
        });
    };
    const keep = async (id, file) => { memory.set(id, file); await act("readwrite", (store) => store.put(file, name + "|" + id)).catch(() => {}); await show(); };
    const drop = async (id) => { memory.delete(id); await act("readwrite", (store) => store.delete(name + "|" + id)).catch(() => {}); await show(); };
    const show = async () => {
        if (!queue) return;
        queue.hidden = memory.size === 0;
        queue.replaceChildren(...[...memory].map(([id, file]) => {
            const line = document.createElement("li"), text = document.createElement("span"), away = document.createElement("button");
            text.textContent = file.label + " · " + Math.max(1, Math.round(file.blob.size / 1024)) + " KB";
            away.type = "button"; away.textContent = "×"; away.className = "plain"; away.setAttribute("aria-label", file.label + " ×");
            away.addEventListener("click", () => drop(id));
            line.append(text, away);
            return line;
        }));
    };

    // Fields.
    const save = () => {
        const fields = [...new FormData(form)].filter(([key, value]) => key !== "csrf" && typeof value === "string");
        try { localStorage.setItem(name, JSON.stringify(fields)); } catch { /* a full or forbidden store: the page itself still has it */ }
    };
    const restore = async () => {
        let fields = null;
        try { fields = JSON.parse(localStorage.getItem(name) || "null"); } catch { fields = null; }
        const isRefused = form.previousElementSibling && form.previousElementSibling.matches(".notice.bad");
        if (fields && !isRefused) {
            for (const [key, value] of fields) {
                const found = form.elements[key];
                if (!found) continue;
                if (found instanceof RadioNodeList) [...found].forEach((each) => { if (each.value === value) each.checked = true; });
                else if (found.type === "checkbox") found.checked = true;
                else found.value = value;
            }
            say(form.dataset.restored);
        }
        const keys = await act("readonly", (store) => store.getAllKeys()).catch(() => []) || [];
        for (const key of keys.filter((each) => String(each).startsWith(name + "|"))) {
            const file = await act("readonly", (store) => store.get(key));
            if (file) memory.set(String(key).slice(name.length + 1), file);
        }
        await show();
    };
    const forget = async () => {
        try { localStorage.removeItem(name); } catch { /* nothing kept */ }
        for (const id of [...memory.keys()]) await drop(id);
    };
    form.addEventListener("input", save);
    form.addEventListener("change", save);

    form.querySelectorAll("[data-file]").forEach((input) => input.addEventListener("change", async () => {
        for (const file of input.files) await keep(input.dataset.file + "#" + Date.now() + Math.random(), { field: input.dataset.file, label: file.name, blob: file });
        input.value = "";
    }));

    // Signatures are drawn with a finger, a pen or a mouse.
    form.querySelectorAll("canvas[data-sign]").forEach((canvas) => {
        const field = canvas.dataset.sign, pen = canvas.getContext("2d");
        let isDown = false;
        const at = (event) => { const box = canvas.getBoundingClientRect(); return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height]; };
        pen.lineWidth = 4; pen.lineCap = "round"; pen.lineJoin = "round"; pen.strokeStyle = "#101820";
        canvas.addEventListener("pointerdown", (event) => { isDown = true; canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...at(event)); event.preventDefault(); });
        canvas.addEventListener("pointermove", (event) => { if (isDown) { pen.lineTo(...at(event)); pen.stroke(); } });
        canvas.addEventListener("pointerup", () => {
            if (!isDown) return;
            isDown = false;
            const who = field === "signature.party" ? form.elements.party : form.elements[field.slice(10)];
            const label = who ? (who.selectedOptions ? who.selectedOptions[0].text : who.value) : "";
            canvas.toBlob((blob) => { if (blob) keep(field, { field, label: (label || field) + ".png", blob }); }, "image/png");
        });
        const clear = form.querySelector("[data-clear='" + field + "']");
        if (clear) clear.addEventListener("click", () => { pen.clearRect(0, 0, canvas.width, canvas.height); drop(field); });
    });

    let isSending = false;
    const send = async () => {
        if (isSending) return;
        isSending = true;
        save();
        say(form.dataset.sending);
        try {
            const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams([...new FormData(form)].filter((each) => typeof each[1] === "string")), headers: { accept: "text/html" } });
            if (answer.url.includes("/sign-in") || answer.status === 401 || answer.status === 403) { say(form.dataset.signedOut, "warn"); return; }
            if (!answer.ok) { if (answer.status < 500) HTMLFormElement.prototype.submit.call(form); else say(form.dataset.offline, "warn"); return; }
            const files = form.dataset.files.replace(/[^/]+\/files$/, form.elements._key.value + "/files");
            for (const [id, file] of [...memory]) {
                const body = new FormData();
                body.append("csrf", form.elements.csrf.value);
                body.append("field", file.field);
                body.append("name", file.label);
                body.append("file", file.blob, file.label);
                const taken = await fetch(files, { method: "POST", body, headers: { accept: "application/json" } });
                if (taken.ok) { await drop(id); continue; }
                const why = taken.status < 500 ? (await taken.json().catch(() => ({}))).detail : "";
                if (why) { await drop(id); say(form.dataset.refused + " " + file.label + " " + why, "bad"); } else { say(form.dataset.left, "warn"); return; }
            }
            await forget();
            location.assign(answer.url);
        } catch {
            say(form.dataset.offline, "warn");
        } finally {
            isSending = false;
        }
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    window.addEventListener("online", () => { if (state && state.textContent === form.dataset.offline) send(); });
    restore();
});
