package dev.understudy.bench.faults;

import java.util.Locale;

/**
 * What runs of a schedule may differ in.
 *
 * @param onLoss understudy.agreement.on-loss
 * @param fences whether the application does
 */
record Setup(Store.Type store, String onLoss, boolean fences) {
  /** The application's. */
  Class<?> program() {
    return fences ? RegisterServer.class : RegisterServer.WithoutFence.class;
  }

  String storeText() {
    return store.name().toLowerCase(Locale.ROOT);
  }

  /** As the command takes them. */
  String options() {
    String options = "--store " + storeText() + " --on-loss " + onLoss;
    return fences ? options : options + " --without-fence";
  }
}
