/** The problem of the use-autocomplete pages: a country by how its name begins and, three times of four, ends. */
function countryByLetters() {
  var field = document.getElementById('tags');
  field.value = '';
  var country = core.sample(ui.COUNTRIES);
  var first = country.slice(0, core.randi(2, 5));
  var last = country.slice(-core.randi(2, 5));
  var bothEnds = core.randf(0, 1) < 0.75;
  function bold(text) {
    return ui.el('span', { className: 'bold', textContent: text });
  }
  if (bothEnds)
    ui.query('Enter an item that starts with "', bold(first), '" and ends with "', bold(last), '".');
  else ui.query('Enter an item that starts with "', bold(first), '".');
  document.getElementById('subbtn').onclick = function () {
    var right = field.value.startsWith(first) && (!bothEnds || field.value.endsWith(last));
    core.endEpisode(right ? 1 : -1, right);
  };
}
