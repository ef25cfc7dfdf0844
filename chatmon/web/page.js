// What the page needs beside textual-serve's terminal: where to connect, its font, the keyboard, and what is said at the end.
"use strict";

const AGAIN_SECONDS = 10;
const ASK_SECONDS = 5;
const SILENT_SECONDS = 10;

// The token is in a cookie by now; an address that someone sees or sends on is better without it.
const address = new URL(window.location.href);
address.searchParams.delete("token");
window.history.replaceState(null, "", address);

const tell = (reason) => {
  if (reason) document.getElementById("reason").textContent = reason;
};

// textual-serve's script keeps its socket to itself. Why the other end closed it is worth a word; and a browser never hears that the
// other end is simply gone: a board that stands still must not be taken for one that is live.
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...given) {
    super(...given);
    let asked = 0;
    let heard = 0;
    const asking = setInterval(() => {
      const now = Date.now();
      if (this.readyState !== Socket.OPEN) return;
      if (heard >= asked) {
        asked = now;
        this.send(JSON.stringify(["ping", String(now)]));
      } else if (now - asked > SILENT_SECONDS * 1000) {
        clearInterval(asking);
        document.body.classList.add("-closed");
        this.close();
      }
    }, ASK_SECONDS * 1000);
    this.addEventListener("message", () => (heard = Date.now()));
    this.addEventListener("close", (event) => {
      clearInterval(asking);
      tell(event.reason);
    });
  }
};

// A wall has no hands: it tries again for as long as it takes.
const tryAgain = async () => {
  try {
    if ((await fetch("./")).ok) return window.location.reload();
    tell("Open the address that chatmon serve printed");
  } catch {
    tell("chatmon serve cannot be reached");
  }
  setTimeout(tryAgain, AGAIN_SECONDS * 1000);
};

const begin = window.onload; // textual-serve's own
window.onload = async (event) => {
  const terminal = document.getElementById("terminal");
  const socket = new URL("ws", window.location.href.split("?")[0]);
  socket.protocol = socket.protocol.replace("http", "ws");
  terminal.dataset.sessionWebsocketUrl = socket.href;
  document.getElementById("again").addEventListener("click", () => window.location.reload());
  // The terminal measures its font once.
  await Promise.all(["", "bold ", "italic "].map((style) => document.fonts.load(`${style}16px "Roboto Mono"`)));
  const observer = new MutationObserver(() => {
    const seen = document.body.classList;
    if (seen.contains("-first-byte") && !seen.contains("-closed")) {
      const keys = document.querySelector(".xterm-helper-textarea");
      if (keys && document.activeElement !== keys) keys.focus();
    }
    if (seen.contains("-closed")) {
      observer.disconnect();
      if (document.documentElement.dataset.kind === "wall") setTimeout(tryAgain, AGAIN_SECONDS * 1000);
      else document.getElementById("again").focus();
    }
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  begin.call(window, event);
};
