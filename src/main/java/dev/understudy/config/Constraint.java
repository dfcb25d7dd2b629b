package dev.understudy.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Constraints on the values of raw records; the JSON schema has the same ones. */
final class Constraint {
  static final String DAY = "24h";

  private Constraint() {}

  /** A whole number within bounds. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Whole {
    int min();

    int max();
  }

  /** A duration within bounds, with its unit. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Span {
    String min() default "1ms";

    String max() default DAY;
  }

  /** A size within bounds, with its unit. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Size {
    String max();
  }

  /** Text that matches {@code form} as a whole. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Text {
    TextForm value();
  }

  /** A map or a list with at most {@code max} entries, and keys of that form. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Entries {
    int max();

    TextForm keys() default TextForm.ANY;
  }

  /** A map, or a list of such maps, which a mapper of its own reads from the tree. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface OneOrMore {
    int max();
  }

  /** Values of more than one shape, which a mapper of their own reads from the tree. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Free {}

  /** Settings of a pool that other pools inherit: its keys but those that are named. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface PoolSettings {
    String[] without();
  }

  /** A mandatory value; a map or a list must not be empty. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Required {
    /** The expectation in words, such as {@code at least one server}. */
    String value();
  }
}
