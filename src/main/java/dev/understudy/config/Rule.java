package dev.understudy.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What one value of a raw record must be; the JSON schema says the same. */
final class Rule {
  static final String DAY = "24h";

  private Rule() {}

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

  /** A map or a list with so many entries, its keys of that form. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Entries {
    int max();

    TextForm keys() default TextForm.ANY;
  }

  /** Must be there; a map or a list must hold something. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.PARAMETER, ElementType.RECORD_COMPONENT})
  @interface Required {
    /** What is expected, such as {@code at least one server}. */
    String value();
  }
}
