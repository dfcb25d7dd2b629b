package dev.understudy.config;

import org.yaml.snakeyaml.error.Mark;

/** A position in the file. Line and column count from 1; 0 stands for the file as a whole. */
record Position(int line, int column) {
  static final Position WHOLE_FILE = new Position(0, 0);

  static Position of(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
