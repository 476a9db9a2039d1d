/** A form that searches for films, in several layouts; the rows come in any order. Needs surnames.js and movies.css. */

var movies = {};

movies.GENRES = (
  'Animation Biography Comedy Crime Documentary Drama Family Fantasy Heist History Horror Musical Mystery Noir Romance Sports ' +
  'Thriller War Western'
).split(' ');

/**
 * The layouts: `row(label, field)` builds a row, `labels` name genre, director and year, `submit` builds what sends the form.
 * `frame(rows, submit)` says how they are put together.
 */
movies.LAYOUT = {
  plain: {
    labels: ['Genre:', 'Director:', 'Year:'],
    row: function (label, field) {
      return ui.el('p', {}, [ui.el('span', { textContent: label }), field]);
    },
    submit: ['button', { type: 'button', textContent: 'Submit' }],
  },
  stacked: {
    labels: ['Genre', 'Director Name', 'Year'],
    row: function (label, field) {
      return ui.el('div', { className: 'row' }, [ui.el('div', { textContent: label }), field]);
    },
    submit: ['button', { type: 'button', textContent: 'Search' }],
    footer: 'submit-row',
  },
  table: {
    labels: ['Genre', 'Director', 'Year'],
    row: function (label, field) {
      return ui.el('tr', {}, [ui.el('th', { textContent: label }), ui.el('td', {}, [field])]);
    },
    submit: ['div', { className: 'final', textContent: 'Submit' }],
    frame: function (rows, submit) {
      var table = ui.el('table', {}, [ui.el('tbody', {}, rows)]);
      return [ui.el('div', { className: 'title-div', textContent: 'Movie Search' }), table, submit];
    },
  },
  cards: {
    labels: ['Movie Genre', 'Director Name', 'Released Date'],
    row: function (label, field) {
      return ui.el('div', { className: 'field' }, [
        ui.el('div', { className: 'label', textContent: label }),
        ui.el('div', { className: 'input' }, [field]),
      ]);
    },
    submit: ['button', { type: 'button', textContent: 'Go!' }],
    footer: 'submit-row',
  },
  dark: {
    labels: ['Genre', 'Director', 'Year'],
    row: function (label, field) {
      return ui.el('div', { className: 'entry' }, [
        field,
        ui.el('div', { className: 'caption', textContent: label }),
      ]);
    },
    submit: ['div', { className: 'send', textContent: 'Search' }],
    frame: function (rows, submit) {
      return [ui.el('div', { className: 'entries' }, rows), ui.el('div', { className: 'footer' }, [submit])];
    },
  },
};
movies.LAYOUTS = ['plain', 'stacked', 'table', 'cards', 'dark'];

/** Draws what to search for. */
movies.draw = function () {
  return {
    genre: core.sample(movies.GENRES).toLowerCase(),
    director: core.sample(ui.SURNAMES),
    year: String(core.randi(1970, 2018)),
  };
};

/** Shows the instruction and the form. Capitals and spaces round genre and director are forgiven. */
movies.show = function (film, name) {
  var layout = movies.LAYOUT[name];
  var fields = layout.labels.map(function () {
    return ui.el('input', { type: 'text' });
  });
  var rows = core.shuffle(
    fields.map(function (field, i) {
      return layout.row(layout.labels[i], field);
    }),
  );
  var submit = ui.el(layout.submit[0], layout.submit[1]);
  submit.addEventListener('click', function () {
    var right =
      fields[0].value.toLowerCase().trim() === film.genre &&
      fields[1].value.toLowerCase().trim() === film.director.toLowerCase() &&
      fields[2].value === film.year;
    core.endEpisode(right ? 1 : -1, right);
  });
  var footer = layout.footer ? ui.el('div', { className: layout.footer }, [submit]) : submit;
  ui.fill(layout.frame ? layout.frame(rows, submit) : rows.concat(footer)).className = name;
  function bold(text) {
    return ui.el('b', { textContent: text });
  }
  ui.query(
    'Search for ',
    bold(film.genre),
    ' movies directed by ',
    bold(film.director),
    ' from year ',
    bold(film.year),
    '.',
  );
};
