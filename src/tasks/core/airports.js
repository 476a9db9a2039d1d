/** Airports of the United States as the flight search writes them. */
ui.AIRPORTS = (
  'Albany, NY (ALB)|Albuquerque, NM (ABQ)|Anchorage, AK (ANC)|Asheville, NC (AVL)|Atlanta, GA (ATL)|Aus' +
  'tin, TX (AUS)|Bangor, ME (BGR)|Billings, MT (BIL)|Birmingham, AL (BHM)|Bismarck, ND (BIS)|Boise, ID ' +
  '(BOI)|Boston, MA (BOS)|Bozeman, MT (BZN)|Buffalo, NY (BUF)|Burlington, VT (BTV)|Charleston, SC (CHS)' +
  '|Charlotte, NC (CLT)|Chattanooga, TN (CHA)|Cheyenne, WY (CYS)|Cleveland, OH (CLE)|Columbus, OH (CMH)' +
  '|Dayton, OH (DAY)|Denver, CO (DEN)|Des Moines, IA (DSM)|Detroit, MI (DTW)|Duluth, MN (DLH)|El Paso, ' +
  'TX (ELP)|Eugene, OR (EUG)|Fairbanks, AK (FAI)|Fargo, ND (FAR)|Flagstaff, AZ (FLG)|Fresno, CA (FAT)|G' +
  'rand Rapids, MI (GRR)|Great Falls, MT (GTF)|Green Bay, WI (GRB)|Hartford, CT (BDL)|Honolulu, HI (HNL' +
  ')|Huntsville, AL (HSV)|Indianapolis, IN (IND)|Jacksonville, FL (JAX)|Juneau, AK (JNU)|Kansas City, M' +
  'O (MCI)|Key West, FL (EYW)|Knoxville, TN (TYS)|Laramie, WY (LAR)|Las Vegas, NV (LAS)|Lexington, KY (' +
  'LEX)|Lincoln, NE (LNK)|Little Rock, AR (LIT)|Louisville, KY (SDF)|Lubbock, TX (LBB)|Madison, WI (MSN' +
  ')|Medford, OR (MFR)|Memphis, TN (MEM)|Miami, FL (MIA)|Milwaukee, WI (MKE)|Missoula, MT (MSO)|Mobile,' +
  ' AL (MOB)|Montgomery, AL (MGM)|Nashville, TN (BNA)|New Orleans, LA (MSY)|Norfolk, VA (ORF)|Omaha, NE' +
  ' (OMA)|Orlando, FL (MCO)|Palm Springs, CA (PSP)|Pensacola, FL (PNS)|Peoria, IL (PIA)|Philadelphia, P' +
  'A (PHL)|Phoenix, AZ (PHX)|Pittsburgh, PA (PIT)|Portland, ME (PWM)|Portland, OR (PDX)|Providence, RI ' +
  '(PVD)|Raleigh, NC (RDU)|Rapid City, SD (RAP)|Redding, CA (RDD)|Reno, NV (RNO)|Richmond, VA (RIC)|Roa' +
  'noke, VA (ROA)|Rochester, NY (ROC)|Sacramento, CA (SMF)|Salt Lake City, UT (SLC)|San Antonio, TX (SA' +
  'T)|San Diego, CA (SAN)|Santa Fe, NM (SAF)|Savannah, GA (SAV)|Seattle, WA (SEA)|Shreveport, LA (SHV)|' +
  'Sioux Falls, SD (FSD)|Spokane, WA (GEG)|Springfield, MO (SGF)|Syracuse, NY (SYR)|Tallahassee, FL (TL' +
  'H)|Tampa, FL (TPA)|Toledo, OH (TOL)|Topeka, KS (FOE)|Tucson, AZ (TUS)|Tulsa, OK (TUL)|Twin Falls, ID' +
  ' (TWF)|Wichita, KS (ICT)|Yakima, WA (YKM)|Yuma, AZ (YUM)'
).split('|');
