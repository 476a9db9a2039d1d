/**
 * The flight search of the book-flight pages: two airports and a day are entered, then the cheapest or shortest of the flights
 * found is booked. Needs dates.js, datepicker.js, autocomplete.js and airports.js.
 */

var flights = { calendar: null, FIRST: new Date(2016, 9, 1), LAST: new Date(2016, 11, 31) };

/** @param animate  whether the calendar fades and suggestions keep the user waiting. */
flights.setUp = function (animate) {
  ['flight-from', 'flight-to'].forEach(function (id) {
    ui.autocomplete(document.getElementById(id), {
      items: ui.AIRPORTS,
      delay: animate ? 300 : 0,
      anywhere: true,
    });
  });
  flights.calendar = ui.datepicker(document.getElementById('datepicker'), {
    min: flights.FIRST,
    max: flights.LAST,
    animate: animate,
  });
};

/** Three or four flights of a day: { departs, arrives (Date), price }. */
flights.generate = function (day) {
  return Array.from({ length: core.randi(3, 5) }, function () {
    var midnight = new Date(day);
    var departs = ui.randomDate(midnight, new Date(midnight.getTime() + 24 * 3600e3));
    var arrives = ui.randomDate(departs, new Date(midnight.getTime() + 36 * 3600e3));
    return { departs: departs, arrives: arrives, price: core.randi(50, 1200) };
  });
};

/** A row of a flight: a label, and lines beside it. */
flights.row = function (name, label, lines) {
  return ui.el('div', { className: 'flight-' + name }, [
    ui.el('div', { className: 'label-container' }, [ui.el('label', { textContent: label })]),
    ' ',
    ui.el(
      'div',
      { className: 'details-container' },
      lines.map(line => ui.el('div', { textContent: line })),
    ),
  ]);
};

/** A flight's card; `book` is called when its button is pressed. */
flights.card = function (flight, from, to, book) {
  var minutes = Math.floor((flight.arrives - flight.departs) / 60000);
  var button = ui.el('button', {
    className: 'flight-price',
    textContent: `Book flight for $${flight.price}`,
  });
  button.addEventListener('click', book);
  return ui.el('div', { className: 'flight' }, [
    flights.row('depart', 'Depart:', [ui.usTime(flight.departs), flight.departs.toDateString(), from]),
    flights.row('arrive', 'Arrives:', [ui.usTime(flight.arrives), flight.arrives.toDateString(), to]),
    flights.row('duration', 'Duration:', [`${Math.floor(minutes / 60)}h ${minutes % 60}m`]),
    ui.el('div', { className: 'book' }, [button]),
  ]);
};

/** City and code of an airport; the goal names one of them. */
flights.partsOf = function (airport) {
  return airport.slice(0, -1).split(' (');
};

flights.draw = function () {
  var menu = document.getElementById('menu');
  var results = document.getElementById('results');
  var inputs = ['flight-from', 'flight-to', 'datepicker'].map(id => document.getElementById(id));
  inputs.forEach(function (input) {
    input.value = '';
    input.classList.remove('error');
  });
  flights.calendar.hide();
  menu.hidden = false;
  results.hidden = true;
  results.replaceChildren();

  var from = core.sample(flights.partsOf(core.sample(ui.AIRPORTS)));
  var to = core.sample(flights.partsOf(core.sample(ui.AIRPORTS)));
  var day = ui.usDate(ui.randomDate(flights.FIRST, flights.LAST));
  var cheapest = core.sample(['cheapest', 'shortest']) === 'cheapest';
  function bold(text) {
    return ui.el('span', { className: 'bold', textContent: text });
  }
  ui.query(
    'Book the ',
    bold(cheapest ? 'cheapest' : 'shortest'),
    ' one-way flight from: ',
    bold(from),
    ' to: ',
    bold(to),
    ' on ',
    bold(day),
    '.',
  );
  var found = flights.generate(day);
  function cost(flight) {
    return cheapest ? flight.price : flight.arrives - flight.departs;
  }
  var least = Math.min(...found.map(cost));

  function showResults(departure, arrival, date) {
    var right = departure.includes(from) && arrival.includes(to) && date === day;
    var shown = right ? found : flights.generate(date);
    var back = ui.el('button', { id: 'menu-back', textContent: 'Back' });
    back.addEventListener('click', function () {
      results.hidden = true;
      menu.hidden = false;
    });
    var codes = [departure, arrival].map(airport => flights.partsOf(airport)[1]);
    var header = ui.el('div', { className: 'flight-header' }, [
      ui.el('span', {}, [back]),
      ui.el('div', { className: 'flight-summary' }, [
        ui.el('span', { className: 'flight-codes', textContent: codes.join(' to ') }),
        ui.el('span', { textContent: ' | ' }),
        ui.el('span', { className: 'flight-date', textContent: date }),
      ]),
    ]);
    var cards = shown.map(function (flight) {
      var pays = right && cost(flight) === least;
      return flights.card(flight, departure, arrival, function () {
        core.endEpisode(pays ? 1 : -1, pays);
      });
    });
    results.replaceChildren(header, ...cards);
    results.hidden = false;
    menu.hidden = true;
    document.getElementById('area').scrollTop = 0;
  }

  document.getElementById('search').onclick = function () {
    inputs.forEach(function (input, i) {
      input.classList.toggle('error', i < 2 ? !ui.AIRPORTS.includes(input.value) : input.value === '');
    });
    if (inputs.every(input => !input.classList.contains('error')))
      showResults(...inputs.map(input => input.value));
  };
};
