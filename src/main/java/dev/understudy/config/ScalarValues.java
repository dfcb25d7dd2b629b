package dev.understudy.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Converts scalars by the rules of YAML 1.1, as Spring Boot's loader does. */
final class ScalarValues extends SafeConstructor {
  ScalarValues() {
    super(new LoaderOptions());
  }

  /**
   * Returns a text, number or boolean; null for YAML's null.
   *
   * @throws RuntimeException if a text does not fit its explicit tag, such as {@code !!int x}
   */
  @Nullable Object of(ScalarNode node) {
    return getConstructor(node).construct(node);
  }
}
