"""Does RELEX predict the end of a run of the lab?

    python -m codefrontier.benchmarks.lab.prediction --out FOLDER

The test was fixed before the first run:

- *Runs.* The supervised start of the lab, and for each of the seeds 0, 1 and 2 a run of 60 steps under full
  coverage, with the settings of the preset `demo` and 24 problems per step, saved at every step.
- *Prediction.* RELEX of rank 1 is fitted to the start and the checkpoints of the first 9, 15 or 30 steps,
  with differences in float32, and predicts step 60.
- *Controls.* The last checkpoint of the prefix; the first difference from the start, scaled to the norm of
  the prediction's difference; the prediction moved half of the way back to the start. Beside them the real
  step 60.
- *Measure.* The solve rate under full limits on 64 held-out problems of the lab, 6 samples each, at
  temperature 1. All checkpoints play the same problems with the same random numbers.
- *Test.* The difference of a problem, prediction minus control, is averaged over the seeds. Its mean is
  tested by flipping signs of problems, and the nine p values (three prefixes, three controls) are corrected
  by Holm. The prediction *beats* a control if the corrected p is below 0.05 and the difference is positive,
  *loses* if the difference is negative, and is otherwise *undecided*. RELEX predicts the run from a prefix
  if it beats all three controls.
- *End.* The prediction is as good as the real step 60 if the 95 % interval of the difference lies above
  -0.03.

The explained variance and R^2 of the fit stand beside those of a random walk, and decide nothing.
"""
