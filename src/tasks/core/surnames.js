/** Family names, for pages that need more than first names. */
ui.SURNAMES = (
  'Adler Almeida Amari Bauer Becker Berg Bianchi Blom Brandt Castillo Chaudhry Cohen Costa Dahl Delgado Dubois Eriksen Farkas ' +
  'Ferrari Fischer Fontaine Fujita Garcia Gruber Haddad Hansen Hartmann Horvat Ibrahim Ivanova Jansen Kapoor Keller Kowalski ' +
  'Kruger Larsen Leclerc Lindgren Lopez Malik Marino Medina Meyer Moreau Mwangi Nakamura Nilsson Novak Okafor Olsen Ortega ' +
  'Papadakis Pereira Petrov Popescu Quist Ramos Reyes Ricci Romano Sato Schmidt Silva Sokolov Suzuki Takeda Tanaka Torres ' +
  'Vargas Vogel Wagner Weber Winther Yamada Yilmaz Zeman'
).split(' ');
