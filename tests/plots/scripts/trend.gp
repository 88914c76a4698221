# Night after night
# What each sweep added for core, in the order in which they began (UTC): the share of its runs that violate an invariant, with its exact 95 % interval, and how many runs there were. 2 sweeps in all: 1 of 44 (95 %: 0.06 % to 12.02 %). The interval's upper end is what a night can still hide; more runs press it down. Only seeds that were not there before count as a night's.
$nights << EOD
0 0 0 10.6 33
1 9.09 0.23 41.3 11
EOD
set multiplot layout 2,1 margins 0.17,0.96,0.09,0.97 spacing 0,0.06
set xrange [-0.6:1.6]
unset key
set xtics ('' 0, '' 1) font ',11'
set ylabel 'violated, % of runs'
set yrange [0:*]
plot $nights using 1:2:3:4 with yerrorbars lt 1
set ylabel 'runs added'
set xtics ('01-01 02:00' 0, '01-02 02:00' 1) font ',11'
set ytics 10
set boxwidth 0.6
plot $nights using 1:5 with boxes lt 1
unset multiplot
