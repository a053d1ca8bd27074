export function attaching() {}
