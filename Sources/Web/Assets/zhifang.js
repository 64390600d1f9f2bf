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
