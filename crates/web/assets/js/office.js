// The office's list: choose all, the count on the button, and 「取り消す」 that goes when its time is over. Without it, 「すべて選ぶ」 is an
// address, the button says 「選んだ申請」, and the server says what is too late.

const form = document.querySelector('form[data-office]');
if (form instanceof HTMLFormElement) chooseIn(form);

for (const undo of document.querySelectorAll('form[data-lives]')) {
    if (undo instanceof HTMLElement) setTimeout(() => over(undo), Number(undo.dataset.lives) * 1000);
}

/** @param {HTMLElement} undo */
function over(undo) {
    const had = undo.contains(document.activeElement);
    const words = document.createElement('p');
    words.className = 'small sub';
    words.tabIndex = -1;
    words.textContent = '取り消せる時間が過ぎました。';
    undo.replaceWith(words);
    if (had) words.focus();
}

/** @param {HTMLFormElement} list */
function chooseIn(list) {
    /** @type {HTMLInputElement[]} */
    const boxes = [...list.querySelectorAll('input')].filter((i) => i.type === 'checkbox');
    const whole = boxes.filter((b) => 'all' in b.dataset);
    const approve = list.querySelector('[data-approve]');
    const words = list.querySelector('[data-count-words]');
    const usual = '承認した申請の事前連絡は、5 分後に送ります。発行開始日より前なら、その日の 9 時からです。';
    const link = list.querySelector('[data-choose-all]');
    const all = document.createElement('button');
    all.type = 'button';
    all.className = 'btn sm';
    link?.replaceWith(all);
    /** @type {HTMLInputElement | undefined} */
    let last;

    const tell = () => {
        const count = boxes.filter((b) => b.checked).length;
        if (approve) approve.textContent = count > 0 ? `${count} 件を承認する` : '選んだ申請を承認する';
        if (words) words.textContent = count > 0 ? `${count} 件を選んでいます。` : usual;
        all.textContent = whole.every((b) => b.checked) ? '選択を外す' : `すべて選ぶ（${whole.length} 件）`;
    };
    all.addEventListener('click', () => {
        const on = whole.some((b) => !b.checked);
        for (const box of on ? whole : boxes) box.checked = on;
        tell();
    });
    list.addEventListener('click', (event) => {
        const box = event.target;
        if (!(box instanceof HTMLInputElement) || box.type !== 'checkbox') return;
        // With the shift key: from the last one to this one.
        if (event.shiftKey && last) {
            const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
            for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
        }
        last = box;
    });
    list.addEventListener('change', tell);
    // What the browser kept of an earlier visit counts as well.
    window.addEventListener('pageshow', tell);
    tell();
}

export {};
