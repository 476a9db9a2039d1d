/** BrowserGym's `standard_html` tags: which elements get a bid. SVG's children and custom elements are not among them. */
export const MARKED_TAGS: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body br button canvas ' +
    'caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset ' +
    'figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins ' +
    'kbd label legend li link main map mark menu meta meter nav noframes noscript object ol optgroup option output p param ' +
    'picture pre progress q rp rt ruby s samp script search section select small source span strike strong style sub summary ' +
    'sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr'
  ).split(' '),
);

/** Tags that the set of marks takes even without a click handler or a pointer cursor. */
export const SET_OF_MARKS_TAGS: ReadonlySet<string> = new Set(
  'input textarea select button a iframe video li td option'.split(' '),
);
