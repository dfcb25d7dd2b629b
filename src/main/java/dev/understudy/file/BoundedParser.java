package dev.understudy.file;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/** Ends before more is made of a YAML text than {@link YamlSize} allows. */
public final class BoundedParser extends ParserImpl {
  /** The text has too much; the message says what is expected. */
  public static final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Mark at;

    private TooLargeException(Mark at, String expected) {
      super(expected, null, false, false);
      this.at = at;
    }

    /** The first key or value that is too much. */
    public Mark at() {
      return at;
    }
  }

  private final YamlSize size = new YamlSize();

  public BoundedParser(String text, LoaderOptions options) {
    super(new StreamReader(text), options);
  }

  @Override
  public Event getEvent() {
    Event event = super.getEvent();
    boolean fits =
        switch (event) {
          case CollectionStartEvent collection -> size.addCollection(collection.getTag());
          case ScalarEvent scalar -> size.addScalar(scalar.getTag());
          case AliasEvent alias -> size.addScalar(null);
          default -> true;
        };
    if (!fits) {
      throw new TooLargeException(event.getStartMark(), size.expected());
    }
    return event;
  }
}
