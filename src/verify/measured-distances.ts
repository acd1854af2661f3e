import type { MeasuredDistances } from "./measured.ts";

// biome-ignore format: written by bench/numerics-distance.ts
export const MEASURED: MeasuredDistances = {
  "from": "official",
  "interpreter": "reference",
  "date": "2026-11-22",
  "command": "node bench/numerics-distance.ts --questions 12 --scale 100e6 --positions 100 --seed 1 --write",
  "on": [
    {
      "model": "minnow",
      "tokens": "its answers",
      "randomWeights": false,
      "vocabulary": 1024,
      "floor": {
        "positions": 1440,
        "kl": {
          "mean": 0.0000019827144986044215,
          "median": 1.2509419132107008e-8,
          "p99": 0.00001828088856716045,
          "max": 0.0008735428609821955
        },
        "sameTop": 1,
        "largestLogitDifference": 4.335310220718384,
        "logLikelihood": {
          "positions": 1428,
          "mean": 0.000024362280376340876
        },
        "entropy": 0.0006802166314187117
      },
      "distances": {
        "float": {
          "positions": 1440,
          "kl": {
            "mean": 0.000002079359879488507,
            "median": 1.39502353345761e-8,
            "p99": 0.000027404240492098414,
            "max": 0.0004706068379286747
          },
          "sameTop": 1,
          "largestLogitDifference": 5.178346872329712,
          "logLikelihood": {
            "positions": 1428,
            "mean": -0.000003419988459012268
          },
          "entropy": 0.0006802166314187117
        },
        "int8": {
          "positions": 1440,
          "kl": {
            "mean": 0.000003466915402057173,
            "median": 1.5436173359746803e-8,
            "p99": 0.00005834759583616109,
            "max": 0.0009186817252182846
          },
          "sameTop": 1,
          "largestLogitDifference": 5.682884454727173,
          "logLikelihood": {
            "positions": 1428,
            "mean": -0.000002088430552676608
          },
          "entropy": 0.0006802166314187117
        }
      }
    },
    {
      "model": "minnow",
      "tokens": "questions to it",
      "randomWeights": false,
      "vocabulary": 1024,
      "floor": {
        "positions": 1069,
        "kl": {
          "mean": 0.009561343861867137,
          "median": 0.0006602587659859117,
          "p99": 0.07255552311563637,
          "max": 2.246882102114237
        },
        "sameTop": 0.9831618334892422,
        "largestLogitDifference": 5.047262668609619,
        "logLikelihood": {
          "positions": 1069,
          "mean": 0.005339013424973224
        },
        "entropy": 1.1304980306706687
      },
      "distances": {
        "float": {
          "positions": 1069,
          "kl": {
            "mean": 0.03393779217582381,
            "median": 0.0009327689184016805,
            "p99": 2.601170449581547,
            "max": 2.601170449581547
          },
          "sameTop": 0.980355472404116,
          "largestLogitDifference": 4.229953765869141,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.006728616815469812
          },
          "entropy": 1.1304980306706687
        },
        "int8": {
          "positions": 1069,
          "kl": {
            "mean": 0.03679658490039284,
            "median": 0.0011682734641517813,
            "p99": 2.13467561033604,
            "max": 2.13467561033604
          },
          "sameTop": 0.9784845650140318,
          "largestLogitDifference": 5.052154541015625,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.029399857853715277
          },
          "entropy": 1.1304980306706687
        }
      }
    },
    {
      "model": "100 M random weights",
      "tokens": "random tokens",
      "randomWeights": true,
      "vocabulary": 64640,
      "floor": {
        "positions": 100,
        "kl": {
          "mean": 0.04680454234616081,
          "median": 0.02819110971959609,
          "p99": 0.2085116204083985,
          "max": 0.3502503506278482
        },
        "sameTop": 0.76,
        "largestLogitDifference": 3.3073723316192627,
        "entropy": 6.788574066806842
      },
      "distances": {
        "float": {
          "positions": 100,
          "kl": {
            "mean": 0.08231109531464599,
            "median": 0.06496920993415767,
            "p99": 0.32267204110191694,
            "max": 0.4349639847076608
          },
          "sameTop": 0.67,
          "largestLogitDifference": 3.6867854818701744,
          "entropy": 6.788574066806842
        },
        "int8": {
          "positions": 100,
          "kl": {
            "mean": 0.09644331690913167,
            "median": 0.08398722859814867,
            "p99": 0.28980742443029234,
            "max": 0.4101450443127008
          },
          "sameTop": 0.69,
          "largestLogitDifference": 3.469361901283264,
          "entropy": 6.788574066806842
        }
      }
    }
  ]
};
