# TLS faults: status, breaker, attempts
# What a broken certificate or handshake of Slack's comes to (4 runs): the share of notifications that end Sent, PartiallySent and Failed; runs in which the breaker was seen open, of all runs; attempts that a notification's status tells of, and refused handshakes in a run (means). Console still delivers, so that a certificate that never becomes good ends as PartiallySent, a handshake that heals as Sent; nothing ends as Failed.
#   scripts/racebed run tls-expired --subject core --seed 0
set lmargin at screen 0.31
set rmargin at screen 0.98
set tmargin 2
set bmargin 1
set ytics font ',10'
set x2tics font ',11'
$map << EOD
0 0 0.571
1 0 0.429
2 0 0
3 0 0.75
EOD
$map_dark << EOD
1 0 "42.9 %"
2 0 "0 %"
4 0 "2.0"
5 0 "3.0"
EOD
$map_light << EOD
0 0 "57.1 %"
3 0 "3/4"
EOD
set palette defined (0 '#ffffff', 0.05 '#e3eef6', 0.5 '#6fa8d0', 1 '#0b3c5d')
set cbrange [0:1]
unset colorbox
unset key
unset grid
unset border
set title ''
set xlabel ''
set ylabel ''
unset xtics
set x2range [-0.5:5.5]
set x2tics ('Sent' 0, 'Partially' 1, 'Failed' 2, 'breaker' 3, 'attempts' 4, 'refused' 5) scale 0
set ytics ('expired' 0) scale 0
set xrange [-0.5:5.5]
set yrange [0.5:-0.5]
plot $map using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5) with boxxyerror fs solid noborder lc rgb '#d8dee4', \
     '' using 1:2:($1-0.485):($1+0.485):($2-0.47):($2+0.47):3 with boxxyerror fs solid noborder lc palette, \
     $map_dark using 1:2:3 with labels font ',12' textcolor rgb '#1b1f24', \
     $map_light using 1:2:3 with labels font ',12' textcolor rgb '#ffffff'
