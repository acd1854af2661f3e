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
          "mean": 0.000006699566528968491,
          "median": 2.4653303215217225e-8,
          "p99": 0.00008267463089464432,
          "max": 0.003396793288130293
        },
        "sameTop": 1,
        "largestLogitDifference": 5.884236812591553,
        "logLikelihood": {
          "positions": 1428,
          "mean": -0.000011950212509698204
        },
        "entropy": 0.0008706212847498185
      },
      "distances": {
        "float": {
          "positions": 1440,
          "kl": {
            "mean": 0.0000033391639838783978,
            "median": 2.2826366270246636e-8,
            "p99": 0.000046701119612063566,
            "max": 0.0009165625209696838
          },
          "sameTop": 1,
          "largestLogitDifference": 5.483015060424805,
          "logLikelihood": {
            "positions": 1428,
            "mean": 0.000016297132814599193
          },
          "entropy": 0.0008706212847498185
        },
        "int8": {
          "positions": 1440,
          "kl": {
            "mean": 0.000005779251547400069,
            "median": 3.3309951123957746e-8,
            "p99": 0.0000363033507870003,
            "max": 0.0035133552866933376
          },
          "sameTop": 1,
          "largestLogitDifference": 5.557886123657227,
          "logLikelihood": {
            "positions": 1428,
            "mean": 0.00001163967278750602
          },
          "entropy": 0.0008706212847498185
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
          "mean": 0.010050131609293205,
          "median": 0.0025725053895218775,
          "p99": 0.24473445860859444,
          "max": 0.4062011250309663
        },
        "sameTop": 0.9420018709073901,
        "largestLogitDifference": 2.8133448362350464,
        "logLikelihood": {
          "positions": 1069,
          "mean": 0.009828078806710123
        },
        "entropy": 3.2507646875877687
      },
      "distances": {
        "float": {
          "positions": 1069,
          "kl": {
            "mean": 0.027840625796988244,
            "median": 0.003725026946485094,
            "p99": 1.5758793873833645,
            "max": 1.5758793873833645
          },
          "sameTop": 0.9139382600561272,
          "largestLogitDifference": 4.618200063705444,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.03331579713700425
          },
          "entropy": 3.2507646875877687
        },
        "int8": {
          "positions": 1069,
          "kl": {
            "mean": 0.01885943990489548,
            "median": 0.005103315287895368,
            "p99": 0.36812552456894226,
            "max": 0.36812552456894226
          },
          "sameTop": 0.90177736202058,
          "largestLogitDifference": 3.1267582178115845,
          "logLikelihood": {
            "positions": 1069,
            "mean": 0.012855398566631511
          },
          "entropy": 3.2507646875877687
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
