/** Facts of a person as rows of a table, for the tasks that ask for one of them. */

/** What a person can be asked for, with the values it can have. */
ui.FACTS = {
  Color:
    'black white aqua blue gray green lime maroon navy olive purple red silver teal yellow pink magenta gold orange',
  'First name': ui.NAMES.join(' '),
  'Last name':
    'Achterberg Bianchi Castellano Dubois Eriksen Fontaine Gutierrez Hakimi Ivanova Janssen Kowalski Lindqvist Moreau Nakamura ' +
    'Okafor Petrov Quiroga Rahman Santos Tanaka Ueda Varga Weber Xu Yilmaz Zanetti',
  Country: ui.COUNTRIES.map(function (name) {
    return name.replace(/ /g, '_');
  }).join(' '),
  Gender: 'Male Female',
  Language:
    'Arabic Czech Danish Dutch English Finnish French German Greek Hindi Italian Japanese Korean Polish Spanish Swahili',
  'Year of Birth': '',
  Religion: 'Buddhism Christianity Hinduism Islam Jainism Judaism Shinto Sikhism Taoism',
};

/** `count` different facts in random order: [{ key, value }]. */
ui.facts = function (count) {
  return core
    .shuffle(Object.keys(ui.FACTS))
    .slice(0, count)
    .map(function (key) {
      if (key === 'Year of Birth') return { key: key, value: String(core.randi(1940, 2016)) };
      return { key: key, value: core.sample(ui.FACTS[key].split(' ')).replace(/_/g, ' ') };
    });
};

/** A table of two columns, a row for each fact. */
ui.factTable = function (facts) {
  var rows = facts.map(function (fact) {
    return ui.el('tr', {}, [
      ui.el('td', { textContent: fact.key }),
      ui.el('td', { textContent: fact.value }),
    ]);
  });
  return ui.el('table', {}, [ui.el('tbody', {}, rows)]);
};
