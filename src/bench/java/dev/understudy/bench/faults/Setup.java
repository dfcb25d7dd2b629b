package dev.understudy.bench.faults;

import java.util.Locale;

/**
 * What runs of a schedule may differ in.
 *
 * @param onLoss understudy.agreement.on-loss
 */
record Setup(Store.Type store, String onLoss) {
  String storeText() {
    return store.name().toLowerCase(Locale.ROOT);
  }

  /** As the command takes them. */
  String options() {
    return "--store " + storeText() + " --on-loss " + onLoss;
  }
}
