// Everything here improves a page that already works without it.
import "./theme.js";
import "./asked.js";
import "./confirm.js";
import "./conduct.js";
import "./forms.js";
import "./matrix.js";
import "./menus.js";
import "./pick.js";
import "./palette.js";
import "./sheet.js";
import "./shortcuts.js";
import "./swap.js";
import "./ticks.js";

document.documentElement.classList.add("js");
