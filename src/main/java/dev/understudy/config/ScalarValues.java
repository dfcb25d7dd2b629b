package dev.understudy.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Values of scalars by the rules of YAML 1.1, as Boot's loader reads them. */
final class ScalarValues extends SafeConstructor {
  ScalarValues() {
    super(new LoaderOptions());
  }

  /**
   * A text, number or boolean, or null for YAML's null.
   *
   * @throws RuntimeException for a text that is not of its explicit tag, such as {@code !!int x}
   */
  @Nullable Object of(ScalarNode node) {
    return getConstructor(node).construct(node);
  }
}
