// The one thing that the page takes from npm, as an ES module.
import JsSIP from "jssip";

export default JsSIP;
