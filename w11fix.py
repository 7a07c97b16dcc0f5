p='/tmp/wr/w11.txt';t=open(p).read()
def r(a,b):
    global t
    assert t.count(a)==1,(t.count(a),a); t=t.replace(a,b)
r("Liz Truss announced that Britain would take eight men, Suek's Andrei Guryev — in fact of PhosAgro, as the ministry corrected — among them, and Credit Bank of Moscow, and Sberbank.","Liz Truss had eight men for Britain's list, PhosAgro's Andrei Guryev among them, and Credit Bank of Moscow, and Sberbank.")
r("Australia announced 13 persons and two bodies on Saturday's date line, mostly Iran's, and Washington over forty.","Australia announced 13 persons and two bodies, mostly Iran's, and Washington over forty.")
r("background | Herman Oskar","new_sanctions | Andrey Grigoryevich Guryev | Person | Andrei Guryev | ru | PhosAgro's Andrei Guryev among them\nnew_sanctions | Herman Oskar")
open(p,'w').write(t)
