// SIP's way to the server, in the form JsSIP expects of a socket. It notices by itself when nobody is there any more:
// a cable that was pulled closes no WebSocket.

const ASK_MS = 4000;
const ASK = "\r\n\r\n"; // RFC 5626: the other side answers with one line break
const ANSWER = "\r\n";
const CONNECT_MS = 5000;

/** Close codes after which the page must not come back by itself (web/sip_relay.py). */
export const NO_SESSION = 4401;
export const TAKEN = 4409;

export class PageSocket {
  constructor(url) {
    this.url = url;
    this.sip_uri = `sip:${new URL(url).host};transport=ws`;
    this.via_transport = "WS";
    this._socket = null;
    this._timer = null;
    this.code = 0; // of the last closing
    this.onconnect = this.ondisconnect = this.ondata = () => {};
  }

  isConnected() {
    return this._socket !== null && this._socket.readyState === WebSocket.OPEN;
  }

  isConnecting() {
    return this._socket !== null && this._socket.readyState === WebSocket.CONNECTING;
  }

  connect() {
    if (this.isConnected() || this.isConnecting()) return;
    const socket = new WebSocket(this.url, "sip");
    this._socket = socket;
    this._timer = setTimeout(() => this._lost(socket, 1006), CONNECT_MS);
    socket.onopen = () => {
      if (socket !== this._socket) return;
      this._listen(socket);
      this.onconnect();
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this._socket) return;
      this._listen(socket);
      if (data !== ANSWER) this.ondata(data);
    };
    socket.onclose = ({ code }) => this._lost(socket, code);
  }

  disconnect() {
    const socket = this._socket;
    this._drop();
    if (socket !== null) socket.close();
  }

  send(message) {
    if (!this.isConnected()) return false;
    this._socket.send(message);
    return true;
  }

  /** Something was heard: ask again after a while, and give up if there is no answer. */
  _listen(socket) {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      socket.send(ASK);
      this._timer = setTimeout(() => this._lost(socket, 1006), ASK_MS);
    }, ASK_MS);
  }

  _lost(socket, code) {
    if (socket !== this._socket) return;
    this._drop();
    socket.close();
    this.code = code;
    this.ondisconnect(code !== 1000, code, "");
  }

  _drop() {
    clearTimeout(this._timer);
    this._socket = null;
  }
}
