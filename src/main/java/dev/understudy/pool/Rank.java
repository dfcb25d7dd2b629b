package dev.understudy.pool;

/** A server's configured rank. Lower ordinal is preferred. */
public enum Rank {
  MASTER,
  BACKUP
}
