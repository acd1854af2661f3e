import type { MeasuredDistances } from "./measured.ts";

// biome-ignore format: written by bench/numerics-distance.ts
export const MEASURED: MeasuredDistances = {
  "from": "official",
  "interpreter": "reference",
  "date": "2026-11-21",
  "command": "node bench/numerics-distance.ts --questions 40 --scale 300e6 --positions 200 --seed 1 --write",
  "on": [
    {
      "model": "minnow",
      "tokens": "its answers",
      "randomWeights": false,
      "vocabulary": 640,
      "floor": {
        "positions": 2472,
        "kl": {
          "mean": 4.298024965267705e-7,
          "median": 5.988439433859596e-9,
          "p99": 0.000005275199110764968,
          "max": 0.00028162025714103324
        },
        "sameTop": 1,
        "largestLogitDifference": 4.391474962234497,
        "logLikelihood": {
          "positions": 2432,
          "mean": 0.000004644735601170905
        },
        "entropy": 0.00044329249429787306
      },
      "distances": {
        "float": {
          "positions": 2472,
          "kl": {
            "mean": 6.81193509048114e-7,
            "median": 8.948887887391152e-9,
            "p99": 0.0000054826721239421774,
            "max": 0.0005629647993665556
          },
          "sameTop": 1,
          "largestLogitDifference": 4.610549628734589,
          "logLikelihood": {
            "positions": 2432,
            "mean": -0.0000031494246877350765
          },
          "entropy": 0.00044329249429787306
        },
        "int8": {
          "positions": 2472,
          "kl": {
            "mean": 9.229429599840234e-7,
            "median": 8.355457356680185e-9,
            "p99": 0.000006701721213522958,
            "max": 0.0009506080457794255
          },
          "sameTop": 1,
          "largestLogitDifference": 4.633435904979706,
          "logLikelihood": {
            "positions": 2432,
            "mean": 0.000006658630318036829
          },
          "entropy": 0.00044329249429787306
        }
      }
    },
    {
      "model": "minnow",
      "tokens": "questions to it",
      "randomWeights": false,
      "vocabulary": 640,
      "floor": {
        "positions": 558,
        "kl": {
          "mean": 0.008859400476953315,
          "median": 0.00006251750127651586,
          "p99": 0.05529655792762989,
          "max": 3.489544627312769
        },
        "sameTop": 0.946236559139785,
        "largestLogitDifference": 4.613838195800781,
        "logLikelihood": {
          "positions": 558,
          "mean": 0.018730664423572373
        },
        "entropy": 1.198797455808317
      },
      "distances": {
        "float": {
          "positions": 558,
          "kl": {
            "mean": 0.016051697949284672,
            "median": 0.0005670769323238415,
            "p99": 0.11171028634412128,
            "max": 3.2114951448910127
          },
          "sameTop": 0.9480286738351255,
          "largestLogitDifference": 4.6540679931640625,
          "logLikelihood": {
            "positions": 558,
            "mean": -0.011841842444537119
          },
          "entropy": 1.198797455808317
        },
        "int8": {
          "positions": 558,
          "kl": {
            "mean": 0.01533076668496643,
            "median": 0.0005733541173332188,
            "p99": 0.12137384648666515,
            "max": 3.5795938095237045
          },
          "sameTop": 0.946236559139785,
          "largestLogitDifference": 5.043662071228027,
          "logLikelihood": {
            "positions": 558,
            "mean": -0.011028758322741033
          },
          "entropy": 1.198797455808317
        }
      }
    },
    {
      "model": "300 M random weights",
      "tokens": "random tokens",
      "randomWeights": true,
      "vocabulary": 129280,
      "floor": {
        "positions": 200,
        "kl": {
          "mean": 0.09131609222703155,
          "median": 0.06446896371775417,
          "p99": 0.405465123222683,
          "max": 0.5218614129917035
        },
        "sameTop": 0.745,
        "largestLogitDifference": 4.392752408981323,
        "entropy": 7.317224809992861
      },
      "distances": {
        "float": {
          "positions": 200,
          "kl": {
            "mean": 0.11233233689668093,
            "median": 0.08331010153450603,
            "p99": 0.38183616231259027,
            "max": 0.6291089299299788
          },
          "sameTop": 0.695,
          "largestLogitDifference": 5.259566068649292,
          "entropy": 7.317224809992861
        },
        "int8": {
          "positions": 200,
          "kl": {
            "mean": 0.12892967058980193,
            "median": 0.10676768519056704,
            "p99": 0.3756343269902306,
            "max": 0.5920714533154806
          },
          "sameTop": 0.69,
          "largestLogitDifference": 4.921274423599243,
          "entropy": 7.317224809992861
        }
      }
    }
  ]
};
