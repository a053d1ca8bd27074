"""Pure decisions of dispatch: what a case may become, when which team comes, what may be printed."""
