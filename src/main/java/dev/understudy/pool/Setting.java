package dev.understudy.pool;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a component of a record of settings says of its setting. All else follows from it and from
 * the component's {@code @param}, whose sentences are those of the reference: the reading of files
 * and its messages, the JSON schema, the tables of the reference, and how a change is shown.
 */
public final class Setting {
  /** The most of a duration that has no bound of its own. */
  static final String DAY = "24h";

  private Setting() {}

  /** The name in the file, if it is not the component's own in kebab case. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Key {
    String value();
  }

  /**
   * What stands for a setting that is left out, as the file would have it: a value, the items of a
   * list, or nothing for a section whose settings have defaults and for an empty list or map.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Default {
    String[] value() default {};
  }

  /** What holds while a setting without a default is left out, as a text: {@code no limit}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Unset {
    String value() default "";
  }

  /** Bounds as a text, where no other annotation has them: {@code whole seconds}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Values {
    String value();
  }

  /**
   * A setting that concerns requests: without effect on TCP servers, of which a warning is given.
   */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface OfRequests {}

  /** A whole number within bounds. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Whole {
    int min();

    int max();
  }

  /** A duration within bounds, with its unit. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Span {
    String min() default "1ms";

    String max() default DAY;
  }

  /** A size of at most {@code max}, with its unit. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Size {
    String max();
  }

  /** A text, the whole of which has the given form. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Text {
    TextFormat value();
  }

  /** A map or a list with at most {@code max} entries, and keys or items of those forms. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Entries {
    int max();

    TextFormat keys() default TextFormat.ANY;

    TextFormat items() default TextFormat.ANY;
  }

  /** A section whose settings stand among those of the record that has it, without a name. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Inline {}

  /** A map, or a list of such maps, which a mapper of its own reads from the tree. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface OneOrMore {
    int max();
  }

  /** No setting of the file: objects of a cluster alone give it a value. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface OfObjects {}

  /** Values that a mapper of their own reads from the tree. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Free {}

  /** Settings that all pools inherit: the keys of a pool, except those in {@code without}. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface OfAllPools {
    String[] without();
  }

  /** A mandatory value; a map or a list must not be empty. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.RECORD_COMPONENT)
  public @interface Required {
    /** The expectation in words, such as {@code at least one server}. */
    String value();
  }

  /**
   * Settings of a section that do not go together, found by the constructor of their record. The
   * reader of the file reports it at the setting.
   */
  public static final class Invalid extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final String key;
    private final String expected;

    /**
     * @param key the name of the component that is wrong
     * @param expected in words that follow "expected"
     */
    public Invalid(String key, String expected) {
      super(key + ": expected " + expected);
      this.key = key;
      this.expected = expected;
    }

    public String key() {
      return key;
    }

    public String expected() {
      return expected;
    }
  }
}
