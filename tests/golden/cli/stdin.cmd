check - <{}
