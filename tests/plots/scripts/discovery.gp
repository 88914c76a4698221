# Kinds of failure found, against runs
# Different kinds of failure (scenario, invariant and words without names and numbers) that so many runs, in any order, can be expected to show; the band is two standard deviations. By Good and Turing, core: 0 kinds in 44 runs, the chance that the next run shows a new one 0 of 44 (95 %: at most 6.58 %); other: 2 kinds in 8 runs, the chance that the next run shows a new one 0 of 8 (95 %: at most 31.23 %). A curve that is still rising promises more; one that lies at 0 has found nothing, which means something only because the others have.
$found1 << EOD
1 0 0 0
2 0 0 0
3 0 0 0
4 0 0 0
5 0 0 0
6 0 0 0
7 0 0 0
8 0 0 0
9 0 0 0
10 0 0 0
11 0 0 0
12 0 0 0
13 0 0 0
14 0 0 0
16 0 0 0
17 0 0 0
19 0 0 0
21 0 0 0
23 0 0 0
25 0 0 0
27 0 0 0
30 0 0 0
33 0 0 0
36 0 0 0
40 0 0 0
44 0 0 0
EOD
$found2 << EOD
1 0.75 0 2.07
2 1.25 0 2.54
3 1.57 0.483 2.66
4 1.77 0.917 2.63
5 1.89 1.27 2.51
6 1.96 1.59 2.34
7 2 2 2
8 2 2 2
EOD
set xlabel 'runs'
set ylabel 'kinds of failure'
set logscale x
set xrange [1:44]
set yrange [0:2]
plot $found1 using 1:3:4 with filledcurves lt 1 fs transparent solid 0.15 notitle, $found1 using 1:2 with lines lt 1 title 'core', $found2 using 1:3:4 with filledcurves lt 2 fs transparent solid 0.15 notitle, $found2 using 1:2 with lines lt 2 title 'other'
